namespace FleetProcess;

/// <summary>The clock of a link that is played: it goes as others do, and is put on to the next thousand seconds where it is told to. So
/// a test says in which round the link changes.</summary>
internal sealed class TraceClock : TimeProvider
{
    private const long StepSeconds = 1000;

    private long _steps;

    /// <summary>Waits for a line of the test on standard input. A line <c>next</c> puts the clock on, and does not count.</summary>
    internal async Task ToldAsync(CancellationToken cancellationToken)
    {
        while (await Task.Run(Console.In.ReadLine, cancellationToken) is "next") { Interlocked.Increment(ref _steps); }
    }

    public override long GetTimestamp() => System.GetTimestamp() + (Interlocked.Read(ref _steps) * StepSeconds * System.TimestampFrequency);
}
