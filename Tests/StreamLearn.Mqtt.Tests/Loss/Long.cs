namespace StreamLearn.Mqtt.Tests;

/// <summary>Waiting for what other threads and programs do.</summary>
internal static class Long
{
    internal static Task UntilAsync(Func<bool> condition, Func<string> state) => Waiting.UntilAsync(condition, state);

    /// <summary>Lets time pass until a condition holds.</summary>
    internal static Task PassAsync(ManualTimeProvider time, TimeSpan step, Func<bool> condition, Func<string> state) => UntilAsync(
        () =>
        {
            if (condition()) { return true; }
            time.Advance(step);
            return condition();
        },
        state);

    /// <summary>Ends a transport whose clock a test moves: a goodbye that the server does not answer takes a second of it.</summary>
    internal static async Task EndAsync(MqttTransport transport, ManualTimeProvider time)
    {
        var leaving = transport.DisposeAsync().AsTask();
        await PassAsync(time, TimeSpan.FromMilliseconds(250), () => leaving.IsCompleted, () => Text(transport.Status));
        await leaving;
    }

    internal static string Text(MqttStatus status) => string.Join("\n", [status.Publishing, .. status.Subscriptions]);

    internal static TimeSpan Median(IEnumerable<TimeSpan> times)
    {
        TimeSpan[] sorted = [.. times.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
