namespace FleetProcess;

/// <summary>A moment in the work of a process: a message of a topic.</summary>
internal sealed record Moment(string Step, string Topic, int Number)
{
    private int _seen;

    /// <summary><paramref name="text"/>: the text; null: no moment.</summary>
    internal static Moment? Of(string? text) => text?.Split(':') is [var step, var topic, var number]
        ? new(step, topic, int.Parse(number, CultureInfo.InvariantCulture)) : null;

    internal bool IsNow(string step, string topic) => step == Step && topic == Topic && Interlocked.Increment(ref _seen) == Number;
}
