namespace StreamLearn.Tables;

/// <summary>Finds devices so slow that each step is a gap at the common rate.</summary>
internal static class SlowDevices
{
    private const int MaxShown = 5;

    internal static IEnumerable<string> Lines(TimesSeen seen, double rate, Func<int, int, string> nameOf)
    {
        var gap = StepLength.GapRows / rate;
        List<string> lines = [];
        foreach (var device in seen.Steps.GroupBy(s => nameOf(s.File, s.Device)))
        {
            var step = device.Min(static s => s.Seconds);
            if (step <= gap) { continue; }
            lines.Add(PrintableText.Of(FormattableString.Invariant(
                $"rows of {device.Key} come every {step:0.###} s, and more than {gap:0.###} s is a gap at the rate of the others: ")
                + "a window never fills; use a separate configuration for it"));
        }

        return lines.Count <= MaxShown ? lines
            : [.. lines.Take(MaxShown), FormattableString.Invariant($"{lines.Count - MaxShown} more devices have such rows")];
    }
}
