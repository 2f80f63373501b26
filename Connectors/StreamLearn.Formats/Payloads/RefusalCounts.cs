namespace StreamLearn.Formats;

/// <summary>Counts refusals by reason and keeps the last; thread-safe.</summary>
internal sealed class RefusalCounts
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[(int)RefusalReason.BadCsv + 1];

    internal long this[RefusalReason reason] => Interlocked.Read(ref _counts[(int)reason]);

    internal Refusal Last
    {
        get
        {
            lock (_lock) { return field; }
        }

        private set;
    }

    internal void Add(in Refusal refusal)
    {
        Interlocked.Increment(ref _counts[(int)refusal.Reason]);
        lock (_lock) { Last = refusal; }
    }
}
