using Microsoft.Extensions.Logging;
using StreamLearn;
using StreamLearn.Operators;

namespace HostedSensor;

/// <summary>Logs a line for every window of generated pump vibration.</summary>
internal static partial class PumpPipeline
{
    private const float Shaking = 1.5f;      // standard deviation; that of the normal signal is 1

    internal static Pipeline Create(string pump, TimeSpan? length, ILogger logger) => Pipeline.Define(pump, p => p
        .From("vibration", new VibrationOptions { Length = length },
            static (VibrationOptions options, OperatorContext context) => new Vibration(options, context), Vibration.Columns)
        .Standardize()
        .Window(samples: 128, hop: 128)
        .MeanDeviation()
        .ForEach("answer", window => Answer(logger, window)));

    private static void Answer(ILogger logger, Batch window)
    {
        var deviation = window["x deviation"].Values<float>()[0];
        if (deviation > Shaking) { LogShaking(logger, deviation); }
        else { LogSteady(logger, deviation); }
    }

    [LoggerMessage(1, LogLevel.Information, "answer: steady, deviation {Deviation:0.00}")]
    private static partial void LogSteady(ILogger logger, float deviation);

    [LoggerMessage(2, LogLevel.Warning, "answer: shaking, deviation {Deviation:0.00}")]
    private static partial void LogShaking(ILogger logger, float deviation);
}
