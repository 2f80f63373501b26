namespace StreamLearn.Nodes;

internal sealed class BatchTally(ResourceView view, NodeView device)
{
    private double _device;
    private double _server;
    private double _up;
    private double _down;
    private double _joules;
    private double _bytesUp;
    private double _bytesDown;
    private double _radio;          // seconds during which the device sends or receives

    internal PlanCost Cost
    {
        get
        {
            var cost = new PlanCost
            {
                DeviceSeconds = _device,
                ServerSeconds = _server,
                UpSeconds = _up,
                DownSeconds = _down,
                OverheadSeconds = device.OverheadSeconds,
                BatchBytesUp = _bytesUp,
                BatchBytesDown = _bytesDown,
            };
            var idle = double.IsFinite(cost.BatchSeconds) ? cost.BatchSeconds - _device - _radio : double.PositiveInfinity;
            return cost with { BatchJoules = _joules + Joules(device.Power.IdleWatts, idle) };
        }
    }

    internal void Compute(NodeView node, double seconds)
    {
        (node.Name == device.Name ? ref _device : ref _server) += seconds;
        _joules += Joules(node.Power.ComputingWatts, seconds);
    }

    internal void Up(NodeView from, NodeView to, double bytes) => Cross(from, to, bytes, ref _up, ref _bytesUp);

    internal void Down(NodeView from, NodeView to, double bytes) => Cross(from, to, bytes, ref _down, ref _bytesDown);

    private void Cross(NodeView from, NodeView to, double bytes, ref double seconds, ref double allBytes)
    {
        if (from.Name == to.Name || bytes == 0) { return; }
        var link = view.Link(from.Name, to.Name)
            ?? throw new ArgumentException($"expected a link between {from.Name} and {to.Name}, got none", nameof(to));
        var carrying = 8 * bytes / link.BitsPerSecond;
        seconds += link.SecondsOf(bytes);
        allBytes += bytes;
        if (from.Name == device.Name || to.Name == device.Name) { _radio += carrying; }
        _joules += Joules(from.Power.SendingWatts, carrying) + Joules(to.Power.ReceivingWatts, carrying)
            + (8 * bytes * (from.Power.JoulesPerBit + to.Power.JoulesPerBit));
    }

    /// <summary>Computes energy; 0 watts give 0 joules even over infinite time.</summary>
    private static double Joules(double watts, double seconds) => watts == 0 ? 0 : watts * seconds;
}
