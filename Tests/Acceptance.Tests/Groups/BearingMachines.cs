using StreamLearn.Operators;

namespace Acceptance.Tests;

/// <summary>Machines whose bearings are sound or have one of three faults, under four loads, in windows of an instant.</summary>
internal static class BearingMachines
{
    internal const int Classes = 4;

    private const int Samples = 512;        // 43 ms: fewer than five strikes of the slowest fault
    private const int Windows = 4;          // of a fault under a load
    private const int Stranger = 1000;      // the machine that the convolutions are fitted to, which is in no group
    private const int Convolutions = 336;

    internal static IReadOnlyList<Group> Of(int machines)
    {
        float[] strange = [.. WindowsOf(Stranger).SelectMany(static w => w.Values)];
        var kernels = RocketKernels.Fit(strange, channels: 1, Samples, seed: 1, Convolutions);
        using var rocket = OperatorProbe.Of<Batch, Batch>(windows => windows.Rocket(kernels), Batches.Channels(1));
        return [.. Enumerable.Range(0, machines).Select(m => new Group($"machine {m}", new(
            [.. WindowsOf(m).SelectMany(w => FeaturesOf(rocket, w.Values))], [.. WindowsOf(m).Select(static w => w.Label)])))];
    }

    private static IEnumerable<(float[] Values, int Label)> WindowsOf(int machine) =>
        from load in Enumerable.Range(0, Bearings.Loads)
        from fault in Enum.GetValues<BearingFault>()
        from window in Bearings.Record(fault, load, machine, Samples * Windows).Chunk(Samples)
        select (window, (int)fault);

    private static float[] FeaturesOf(OperatorProbe rocket, float[] window)
    {
        rocket.Send(Batches.OfChannels(rocket.Pool, window));
        using var row = rocket.Take<Batch>();
        var features = new float[row.Channels.Count];
        for (var c = 0; c < features.Length; c++) { features[c] = row.Channels[c].Values<float>()[0]; }
        return features;
    }
}
