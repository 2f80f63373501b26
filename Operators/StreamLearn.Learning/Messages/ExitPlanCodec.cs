namespace StreamLearn.Learning;

internal static class ExitPlanCodec
{
    private const int MinPointBytes = 4 + (3 * 8);

    internal static ExitPlan? Fields(ref FrameFields f, ExitPlan? p)
    {
        var (hash, version, chosen) = (f.Hash(p?.SchemaHash), f.Long(p?.ModelVersion), f.Int(p?.Chosen));
        var measure = (ExitMeasure)f.Byte((byte?)p?.Curve.Measure);
        var (temperature, accuracy) = (f.Single(p?.Curve.Temperature), f.Double(p?.Curve.FullAccuracy));
        var points = f.Items(p?.Curve.Points, Fields, MinPointBytes);
        if (!f.HasRead()) { return p; }
        p = new()
        {
            SchemaHash = hash,
            ModelVersion = version,
            Chosen = chosen,
            Curve = new() { Measure = measure, Temperature = temperature, FullAccuracy = accuracy, Points = points },
        };
        return f.HasRead(p.IsValid) ? p : null;
    }

    private static ExitPoint? Fields(ref FrameFields f, ExitPoint? p)
    {
        var (thresholds, accuracy, work) = (f.Values(p?.Thresholds), f.Double(p?.Accuracy), f.Double(p?.WorkFraction));
        var shares = f.Doubles(p?.Shares, thresholds.Length + 1);
        return !f.HasRead() ? p : new(thresholds, accuracy, work, shares);
    }
}
