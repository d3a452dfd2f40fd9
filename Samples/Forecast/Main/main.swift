import ForecastCommands

Forecast.runAsProgram()
