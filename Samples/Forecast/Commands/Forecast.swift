import ArgumentParser

/// Forecasts of series of numbers: learns from a table, predicts what follows it.
public struct Forecast: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "forecast",
    abstract: "Forecasts of series: learns from a table, predicts what follows.",
    discussion: """
      EXAMPLES:
        forecast train temperatures.csv --time Date --target Temp --horizon 7 --output t.safetensors
        forecast evaluate t.safetensors temperatures.csv
        forecast predict t.safetensors temperatures.csv --output next.csv --plot next.svg
        forecast backtest t.safetensors temperatures.csv --every 7 --output past.csv
        tail -n +1 -f temperatures.csv | forecast watch t.safetensors
        forecast inspect t.safetensors
      """,
    subcommands: [
      TrainForecast.self, EvaluateForecast.self, PredictForecast.self, BacktestForecast.self,
      WatchForecast.self, InspectForecast.self,
    ])

  public init() {}
}
