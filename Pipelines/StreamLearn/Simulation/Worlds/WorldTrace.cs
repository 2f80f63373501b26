namespace StreamLearn.Simulation;

internal sealed class WorldTrace(Action<TraceEvent>? trace, EventLoop loop)
{
    internal void Called(VirtualDevice device, Node node, CallKind kind, long amount)
    {
        loop.Events++;
        if (trace is null) { return; }
        var name = kind switch
        {
            CallKind.Process => "process",
            CallKind.Control => "control",
            CallKind.WakeUp => "wake-up",
            _ => "complete",
        };
        trace(new(loop.Elapsed, device.Name, node.Name, name, amount));
    }

    internal void Write(VirtualDevice device, Node node, string kind, long amount) =>
        trace?.Invoke(new(loop.Elapsed, device.Name, node.Name, kind, amount));

    internal void Write(VirtualDevice device, string kind) => trace?.Invoke(new(loop.Elapsed, device.Name, "", kind, 0));
}
