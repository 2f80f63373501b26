using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Measurements by which the cut is chosen.</summary>
/// <param name="DeviceSeconds">Seconds per row on the device, by number of layers from 0; each at least 0.</param>
/// <param name="EdgeSecondsPerMultiplyAdd">Seconds of a multiply-add on the loaded edge, at least 0.</param>
/// <param name="SecondsPerByte">Seconds per byte on the link, above 0.</param>
/// <param name="RoundTripSeconds">Seconds of a minimal request and answer, at least 0.</param>
/// <param name="BytesPerValue">Bytes of a value: 4, or 1 with 8-bit values.</param>
/// <param name="Rows">Average rows of a batch, above 0.</param>
/// <param name="Cut">The current cut.</param>
internal sealed record CutView(ImmutableArray<double> DeviceSeconds, double EdgeSecondsPerMultiplyAdd, double SecondsPerByte,
    double RoundTripSeconds, double BytesPerValue, double Rows, int Cut)
{
    /// <summary>Returns the seconds of a batch without early exits: T = D + V · s + E + the round trip; only the device's D with all layers
    /// there. Source: Kang et al. (2017), Neurosurgeon.</summary>
    /// <param name="model">Costs of the layers.</param>
    /// <param name="cut">Layers on the device.</param>
    public double SecondsAt(LayerCosts model, int cut)
    {
        ArgumentNullException.ThrowIfNull(model);
        var device = Rows * DeviceSeconds[cut];
        return cut == model.Count ? device
            : device + (Rows * BytesPerValue * model.ValuesAt(cut) * SecondsPerByte) + RoundTripSeconds
                + (Rows * EdgeSecondsPerMultiplyAdd * model.MultiplyAddsOf(cut, model.Count));
    }
}
