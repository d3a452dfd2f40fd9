import ForecastCommands

Forecast.runAsProgram(takingOptionsOnce: true)
