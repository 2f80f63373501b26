namespace Partition;

/// <summary>When a request was where, in seconds since the start of the run, and what it took.</summary>
/// <param name="Cut">Layers on the device.</param>
/// <param name="Born">When its row was there.</param>
/// <param name="Sent">When the device was done with its layers.</param>
/// <param name="Arrived">When its activations were at the server; of a request that stays on the device as <paramref name="Sent"/>.</param>
/// <param name="Served">When the server was done; likewise.</param>
/// <param name="Answered">When its answer was on the device.</param>
/// <param name="Joules">What the device drew for it.</param>
internal sealed record RequestEvents(
    int Cut, double Born, double Sent, double Arrived, double Served, double Answered, double Joules)
{
    /// <summary>Seconds from the row to the answer.</summary>
    internal double Seconds => Answered - Born;
}
