using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>What a device has measured, and by which the cut is chosen.</summary>
/// <param name="DeviceSeconds">Seconds that the device computes for a row, by the cut: of no layer, of the first, of the first two …;
/// each 0 or more.</param>
/// <param name="EdgeSecondsPerMultiplyAdd">Seconds of a multiply-add on the edge under its load, 0 or more.</param>
/// <param name="SecondsPerByte">Seconds that a byte takes of the link to the edge, above 0.</param>
/// <param name="RoundTripSeconds">Seconds of a request and an answer of next to nothing, 0 or more.</param>
/// <param name="BytesPerValue">Bytes of a value before a layer: 4, or 1 with 8-bit values.</param>
/// <param name="Rows">Rows of a batch on average, above 0.</param>
/// <param name="Cut">The cut in use.</param>
public sealed record CutView(ImmutableArray<double> DeviceSeconds, double EdgeSecondsPerMultiplyAdd, double SecondsPerByte,
    double RoundTripSeconds, double BytesPerValue, double Rows, int Cut)
{
    /// <summary>Seconds of a batch, from its rows to its answers, where none leaves at an exit: T = D + V · s + E + the round trip, of
    /// which only D, the device's work, remains where all layers are there. Source: Kang et al. (2017), Neurosurgeon.</summary>
    /// <param name="model">What the layers cost.</param>
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
