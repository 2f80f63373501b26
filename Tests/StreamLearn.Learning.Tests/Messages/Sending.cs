namespace StreamLearn.Learning.Tests;

/// <summary>Several messages to a probe, one after the other.</summary>
internal static class Sending
{
    internal static void Send(this OperatorProbe probe, object first, object second, params ReadOnlySpan<object> others)
    {
        probe.Send(first);
        probe.Send(second);
        foreach (var other in others) { probe.Send(other); }
    }

    internal static void Control(this OperatorProbe probe, object first, object second, params ReadOnlySpan<object> others)
    {
        probe.Control(first);
        probe.Control(second);
        foreach (var other in others) { probe.Control(other); }
    }
}
