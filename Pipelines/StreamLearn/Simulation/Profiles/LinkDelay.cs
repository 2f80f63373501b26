namespace StreamLearn.Simulation;

internal sealed class LinkDelay(LinkProfile link, RandomStream random)
{
    private TimeSpan _delay = link.Delay;
    private int _next;

    /// <summary>Returns the delay of a message whose last bit leaves at a time. Times must not decrease between calls.</summary>
    internal TimeSpan At(TimeSpan time)
    {
        var delays = link.DelayTrace;
        for (; _next < delays.Length && delays[_next].At <= time; _next++) { _delay = delays[_next].Delay; }
        if (link.DelayDeviation == TimeSpan.Zero) { return _delay; }
        var seconds = _delay.TotalSeconds + (link.DelayDeviation.TotalSeconds * random.NextGaussian());
        return VirtualTime.OfSeconds(Math.Max(0, seconds));
    }

    internal void State(ref StateStream s)
    {
        s.Value(ref _next, 0, link.DelayTrace.Length);
        _delay = _next == 0 ? link.Delay : link.DelayTrace[_next - 1].Delay;
    }
}
