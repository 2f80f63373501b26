namespace StreamLearn.Learning;

/// <summary>Counts refused updates by their reasons. These come from the network: no more than some have a counter of their own.</summary>
internal sealed class RefusalReasons(OperatorContext context)
{
    private const int Most = 16;

    private readonly Dictionary<string, string> _counters = [];

    internal void Save(StateWriter writer)
    {
        writer.Write(_counters.Count);
        foreach (var (reason, _) in _counters) { writer.Write(reason); }
    }

    internal void Load(ref StateReader reader)
    {
        for (var count = reader.ReadInt32(0, Most); count > 0; count--) { Add(reader.ReadText()); }
    }

    internal void Count(string reason)
    {
        if (_counters.TryGetValue(reason, out var counter)) { context.Record(counter); }
        else if (_counters.Count < Most) { context.Record(Add(reason)); }
    }

    private string Add(string reason) => _counters[reason] = $"updates-refused-{reason}";
}
