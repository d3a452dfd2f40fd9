import CharLMCommands

CharLM.main()
