namespace StreamLearn.Nats;

/// <summary>Subjects that a stream has taken. Of one that it has, it always says so; of one that it has not, nearly always. It does not
/// grow. Source: Bloom (1970), with one hash.</summary>
internal sealed class TakenSubjects
{
    private const int Bits = 1 << 16;
    private readonly ulong[] _bits = new ulong[Bits / 64];
    private string _last = "";

    /// <summary>A stream has taken a message.</summary>
    internal void Add(string subject)
    {
        if (ReferenceEquals(_last, subject)) { return; }
        _last = subject;
        var at = HashOf(subject);
        _bits[at / 64] |= 1UL << (at % 64);
    }

    /// <summary>False: no stream has taken it.</summary>
    internal bool Has(string subject)
    {
        var at = HashOf(subject);
        return (_bits[at / 64] & (1UL << (at % 64))) != 0;
    }

    private static int HashOf(string subject) => string.GetHashCode(subject, StringComparison.Ordinal) & (Bits - 1);
}
