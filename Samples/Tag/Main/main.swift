import TagCommands

Tag.runAsProgram(takingOptionsOnce: true)
