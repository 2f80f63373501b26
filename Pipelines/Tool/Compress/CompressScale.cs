namespace Tool;

/// <summary>Reference for scores.</summary>
internal sealed record CompressScale(int Rows, double Guess, bool IsError, CompressJudges Judges)
{
    internal static CompressScale Of(CompressRows rows)
    {
        var (known, unseen) = (rows.Known, rows.Unseen);
        if (unseen.Targets.IsEmpty)
        {
            var most = unseen.Labels.ToArray().CountBy(static label => label).Max(static c => c.Value);
            return new(unseen.Count, (double)most / unseen.Count, IsError: false, rows.Judges);
        }

        var mean = (known.Count > 0 ? known : unseen).Targets.ToArray().Average();
        return new(unseen.Count, unseen.Targets.ToArray().Average(t => (double)Math.Abs(t - mean)), IsError: true, rows.Judges);
    }

    public override string ToString() => $"Scored on {Figures.Count(Rows, "row")} {Judges.Text}; "
        + (IsError ? $"always answering the mean has an error of "
            + $"{Figures.Number(Guess, "G4")}" : $"always answering the most frequent class is correct for {Figures.Percent(Guess)}");
}
