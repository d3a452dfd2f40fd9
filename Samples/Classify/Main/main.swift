import ClassifyCommands

Classify.runAsProgram(takingOptionsOnce: true)
