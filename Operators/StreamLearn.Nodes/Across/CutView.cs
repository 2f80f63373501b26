namespace StreamLearn.Nodes;

/// <summary>Measurements by which the cut is chosen.</summary>
internal sealed record CutView(ImmutableArray<double> DeviceSeconds, double EdgeSecondsPerMultiplyAdd, double SecondsPerByte,
    double RoundTripSeconds, double BytesPerValue, double Rows, int Cut)
{
    /// <summary>Returns the seconds of a batch without early exits: T = D + V · s + E + the round trip; only the device's D with all layers
    /// there. Source: Kang et al. (2017), Neurosurgeon.</summary>
    public double SecondsAt(LayerCosts model, int cut)
    {
        ArgumentNullException.ThrowIfNull(model);
        var device = Rows * DeviceSeconds[cut];
        return cut == model.Count ? device
            : device + (Rows * BytesPerValue * model.ValuesAt(cut) * SecondsPerByte) + RoundTripSeconds
                + (Rows * EdgeSecondsPerMultiplyAdd * model.MultiplyAddsOf(cut, model.Count));
    }
}
