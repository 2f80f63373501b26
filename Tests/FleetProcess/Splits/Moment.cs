using System.Globalization;

namespace FleetProcess;

/// <summary>A moment in the work of a process: a message of a topic.</summary>
/// <param name="Step"><c>before</c> or <c>after</c> it is published, or once it has been <c>got</c> and nobody has seen it yet.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Number">Which message of it, from 1.</param>
internal sealed record Moment(string Step, string Topic, int Number)
{
    private int _seen;

    /// <summary>Reads <c>step:topic:number</c>.</summary>
    /// <param name="text">The text; null: no moment.</param>
    internal static Moment? Of(string? text) => text?.Split(':') is [var step, var topic, var number]
        ? new(step, topic, int.Parse(number, CultureInfo.InvariantCulture)) : null;

    /// <summary>True if it is now.</summary>
    internal bool IsNow(string step, string topic) => step == Step && topic == Topic && Interlocked.Increment(ref _seen) == Number;
}
