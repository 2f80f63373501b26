namespace StreamLearn.Formats;

/// <summary>Counts refusals by reason; safe for many threads.</summary>
internal sealed class RefusalCounts
{
    private readonly long[] _counts = new long[(int)RefusalReason.WrongLength + 1];

    internal long this[RefusalReason reason] => Interlocked.Read(ref _counts[(int)reason]);

    internal void Add(RefusalReason reason) => Interlocked.Increment(ref _counts[(int)reason]);
}
