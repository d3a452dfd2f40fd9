import RewriteCommands

Rewrite.runAsProgram(takingOptionsOnce: true)
