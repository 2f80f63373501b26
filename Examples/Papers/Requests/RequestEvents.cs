namespace Partition;

/// <summary>When a request was where, in seconds since the start of the run, and what it took.</summary>
internal sealed record RequestEvents(
    int Cut, double Born, double Sent, double Arrived, double Served, double Answered, double Joules)
{
    /// <summary>Seconds from the row to the answer.</summary>
    internal double Seconds => Answered - Born;
}
