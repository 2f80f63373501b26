using System.Threading.Tasks.Dataflow;
using StreamLearn;
using StreamLearn.Operators;

namespace Architecture.Tests;

/// <summary>The C# of docs/guides/dataflow.md.</summary>
internal static class DataflowGuideExamples
{
    internal sealed record Temperature(string Pump, double Celsius);

    internal static IPropagatorBlock<Temperature, Temperature> TooHot() => Pipeline.Define("too-hot", p => p
            .Input<Temperature>("readings")
            .Filter("hot", static reading => reading.Celsius > 80)
            .Buffer(16, OnFull.DropOldest)                  // a slow reader gets the newest 16
            .Output("hot-readings"))
        .AsPropagator<Temperature, Temperature>();

    internal static async Task WatchAsync(ISourceBlock<Temperature> sensor, Action<Temperature> alarm)
    {
        var (hot, alarms) = (TooHot(), new ActionBlock<Temperature>(alarm, new() { BoundedCapacity = 1 }));
        sensor.LinkTo(hot, new() { PropagateCompletion = true });
        hot.LinkTo(alarms, new() { PropagateCompletion = true });
        await alarms.Completion;
    }

    internal static Flow<Temperature> InFahrenheit(Flow<Temperature> readings) => readings.Through("fahrenheit",
        static () => new TransformBlock<Temperature, Temperature>(
            static reading => reading with { Celsius = (reading.Celsius * 1.8) + 32 }, new() { BoundedCapacity = 8 }));
}
