using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

internal sealed class ExitPlanCodec : ICodec<ExitPlan>
{
    private const int FixedBytes = (3 * 8) + (3 * 4) + 1;

    public string Name => "exit-plan/1";

    public byte Kind => (byte)FrameKind.ExitPlan;

    public void Encode(ExitPlan value, IBufferWriter<byte> buffer)
    {
        var curve = value.Curve;
        var bytes = FixedBytes;
        foreach (var point in curve.Points) { bytes += 4 + (4 * point.Thresholds.Length) + (8 * (2 + point.Shares.Length)); }
        var frame = new FrameWriter(buffer, bytes, FrameKind.ExitPlan, FrameFlags.None);
        frame.Long((long)value.SchemaHash);
        frame.Long(value.ModelVersion);
        frame.Int(value.Chosen);
        frame.Byte((byte)curve.Measure);
        frame.Single(curve.Temperature);
        frame.Double(curve.FullAccuracy);
        frame.Int(curve.Points.Length);
        foreach (var point in curve.Points)
        {
            frame.Values(point.Thresholds.AsSpan());
            frame.Double(point.Accuracy);
            frame.Double(point.WorkFraction);
            foreach (var share in point.Shares) { frame.Double(share); }
        }

        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out ExitPlan value)
    {
        var frame = new FrameReader(bytes, FrameKind.ExitPlan, FrameFlags.None);
        var (hash, version, chosen) = ((ulong)frame.Long(), frame.Long(), frame.Int());
        var (measure, temperature, accuracy) = ((ExitMeasure)frame.Byte(), frame.Single(), frame.Double());
        value = new()
        {
            SchemaHash = hash,
            ModelVersion = version,
            Chosen = chosen,
            Curve = new() { Measure = measure, Temperature = temperature, FullAccuracy = accuracy, Points = PointsOf(ref frame) },
        };
        return frame.Ended && value.IsValid;
    }

    private static ImmutableArray<ExitPoint> PointsOf(ref FrameReader frame)
    {
        var points = ImmutableArray.CreateBuilder<ExitPoint>();
        for (var left = frame.Int(); left > 0 && !frame.Failed; left--)
        {
            var thresholds = frame.Values();
            var (accuracy, work, shares) = (frame.Double(), frame.Double(), new double[thresholds.Length + 1]);
            for (var exit = 0; exit < shares.Length && !frame.Failed; exit++) { shares[exit] = frame.Double(); }
            points.Add(new(thresholds, accuracy, work, ImmutableCollectionsMarshal.AsImmutableArray(shares)));
        }

        return points.ToImmutable();
    }
}
