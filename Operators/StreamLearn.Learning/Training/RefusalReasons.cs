namespace StreamLearn.Learning;

/// <summary>Counts refused updates by reason. Reasons come from the network, so the number of counters is limited.</summary>
internal sealed class RefusalReasons(OperatorContext context)
{
    private const int Most = 16;

    private readonly Dictionary<string, string> _counters = [];

    internal void State(ref StateStream s) =>
        s.Items(_counters, Most, static (ref StateStream s, ref string reason, ref string counter) =>
        {
            reason = s.Value(reason ?? "");
            counter ??= CounterOf(reason);
        });

    internal void Count(string reason)
    {
        if (_counters.TryGetValue(reason, out var counter)) { context.Record(counter); }
        else if (_counters.Count < Most) { context.Record(Add(reason)); }
    }

    private string Add(string reason) => _counters[reason] = CounterOf(reason);

    private static string CounterOf(string reason) => $"updates-refused-{reason}";
}
