namespace StreamLearn.Nodes;

internal sealed record CutView(ImmutableArray<double> DeviceSeconds, double EdgeSecondsPerMultiplyAdd, double SecondsPerByte,
    double RoundTripSeconds, double BytesPerValue, double Rows, int Cut)
{
    /// <summary>Returns the seconds per batch without early exits: T = D + V · s + E + the round trip; with all layers on the device, only
    /// its time D. Source: Kang et al. (2017), Neurosurgeon.</summary>
    public double SecondsAt(LayerCosts model, int cut)
    {
        ArgumentNullException.ThrowIfNull(model);
        var device = Rows * DeviceSeconds[cut];
        return cut == model.Count ? device
            : device + (Rows * BytesPerValue * model.ValuesAt(cut) * SecondsPerByte) + RoundTripSeconds
                + (Rows * EdgeSecondsPerMultiplyAdd * model.MultiplyAddsOf(cut, model.Count));
    }
}
