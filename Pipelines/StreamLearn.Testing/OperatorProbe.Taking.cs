namespace StreamLearn.Testing;

/// <content>Reading of the messages that the block has emitted.</content>
public sealed partial class OperatorProbe
{
    private const int Ports = 4;

    /// <summary>Returns the number of messages not yet removed.</summary>
    /// <param name="port">0 main, 1 side, 2 third, 3 dead letters.</param>
    public int Count(int port = 0) => _block.Outputs(port).Count;

    /// <summary>Removes the oldest message, which must exist and have the type.</summary>
    /// <param name="port">0 main, 1 side, 2 third, 3 dead letters.</param>
    /// <exception cref="OperatorContractException">It is missing or has another type; the message lists those not yet removed.</exception>
    public T Expect<T>(int port = 0)
        where T : class
    {
        var item = _block.Outputs(port).FirstOrDefault();
        return item is T
            ? Take<T>(port)
            : throw new OperatorContractException(
                $"expected a {typeof(T).Name} on port {port}, got {item?.GetType().Name ?? "nothing"}; {Waiting()}");
    }

    /// <summary>Requires that all ports are empty.</summary>
    /// <exception cref="OperatorContractException">A port has messages, which the exception lists.</exception>
    public void ExpectNothing()
    {
        if (Enumerable.Range(0, Ports).Any(p => Count(p) > 0)) { throw new OperatorContractException($"expected no output; {Waiting()}"); }
    }

    /// <summary>Removes the oldest message of a port.</summary>
    /// <param name="port">0 main, 1 side, 2 third, 3 dead letters.</param>
    /// <exception cref="InvalidOperationException">There is no message.</exception>
    public T Take<T>(int port = 0) => (T)_block.Take(port);

    /// <summary>Removes all messages of a port.</summary>
    /// <param name="port">0 main, 1 side, 2 third, 3 dead letters.</param>
    public IReadOnlyList<T> TakeAll<T>(int port = 0)
    {
        var all = new List<T>();
        while (Count(port) > 0) { all.Add(Take<T>(port)); }
        return all;
    }

    private string Waiting()
    {
        var ports = Enumerable.Range(0, Ports).Where(p => Count(p) > 0)
            .Select(p => $"port {p} has {string.Join(", ", _block.Outputs(p).Select(static m => m.GetType().Name))}");
        var wake = WakeAt is { } at ? $"wakes in {at - Now}" : "asks for no wake-up";
        var drops = string.Concat(Metrics.Drops.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => $", dropped {d.Value} '{d.Key}'"));
        return $"{string.Join("; ", ports.DefaultIfEmpty("no port has a message"))}; block '{Metrics.Block}' {wake}{drops}";
    }
}
