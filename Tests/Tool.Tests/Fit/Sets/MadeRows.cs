namespace Tool.Tests;

internal static class MadeRows
{
    private const double Rate = 25;
    private const int BoutSeconds = 10;
    private static readonly string[] Classes = ["slow", "quick", "shaken", "still"];

    /// <summary>Three channels that swing as the class says, each device at a strength, a pace and an angle of its own.</summary>
    internal static VariantRows Waves(int devices, int seconds, double strength = 1) => new("waves", ["x", "y", "z"], Rate,
        [.. Enumerable.Range(0, devices).Select(d => Swing(d, [.. Enumerable.Range(0, seconds / BoutSeconds).Select(static b => b % 4)],
            strength))]);

    /// <summary>Devices that each have rows of one of three classes.</summary>
    internal static VariantRows OneClassEach(int devices) => new("one class each", ["x", "y", "z"], Rate,
        [.. Enumerable.Range(0, devices).Select(static d => Swing(d, [.. Enumerable.Repeat(d % 3, 8)], 1))]);

    /// <summary>A bearing without and with faults at four loads, on some machines; each machine is a device.</summary>
    internal static VariantRows Bearings(int machines, int rows) => new("bearings", ["vibration"],
        StreamLearn.Samples.Bearings.RowsPerSecond,
    [
        .. from machine in Enumerable.Range(0, machines)
           from load in Enumerable.Range(0, StreamLearn.Samples.Bearings.Loads)
           from fault in Enum.GetValues<BearingFault>()
           select new VariantPart($"m{machine}",
               [.. StreamLearn.Samples.Bearings.Record(fault, load, machine, rows).Select(static v => (float[])[v])],
               [.. Enumerable.Repeat($"{fault}", rows)]),
    ]);

    /// <summary>A third of the values is missing, and every other bout has no label.</summary>
    internal static VariantRows Sparse(this VariantRows rows) => rows with
    {
        Parts = rows.Parts.ConvertAll(static part =>
        {
            var random = new RandomStream(0, "missing", part.Device);
            return part with
            {
                Values = [.. part.Values.Select(v => v.Select(x => random.NextDouble() < 1 / 3.0 ? float.NaN : x).ToArray())],
                Labels = [.. part.Labels.Select(static (l, row) => row / (int)(BoutSeconds * Rate) % 8 is 0 or 2 or 5 or 7 ? l : "")],
            };
        }),
    };

    /// <summary>A second clock beside the first: classes have the same times on every device.</summary>
    internal static VariantRows WithClock(this VariantRows rows) => rows with
    {
        Channels = ["seconds_elapsed", .. rows.Channels],
        Parts = rows.Parts.ConvertAll(static part => part with
        {
            Values = [.. part.Values.Select(static (v, row) => (float[])[(float)(row / Rate), .. v])],
        }),
    };

    private static VariantPart Swing(int device, int[] bouts, double strength)
    {
        var random = new RandomStream(device, "waves");
        var (gain, pace, angle) = (strength * Math.Exp(0.3 * random.NextGaussian()), Math.Exp(0.15 * random.NextGaussian()),
            0.4 * random.NextGaussian());
        var (values, labels, phase) = (new List<float[]>(), new List<string>(), 0.0);
        foreach (var bout in bouts)
        {
            var hertz = pace * (bout == 0 ? 1.0 : bout == 3 ? 0 : 1.6) * Math.Exp(0.1 * random.NextGaussian());
            for (var row = 0; row < BoutSeconds * Rate; row++)
            {
                phase += 2 * Math.PI * hertz / Rate;
                var (swing, second) = (gain * 0.5 * Math.Sin(phase), bout == 2 ? gain * 0.3 * Math.Sin(2 * phase) : 0);
                values.Add(
                [
                    (float)((swing * Math.Cos(angle)) + (0.3 * random.NextGaussian())),
                    (float)((swing * Math.Sin(angle)) + second + (0.3 * random.NextGaussian())),
                    (float)(second + (0.3 * random.NextGaussian())),
                ]);
                labels.Add(Classes[bout]);
            }
        }

        return new($"d{device:00}", [.. values], [.. labels]);
    }
}
