namespace StreamLearn.Simulated;

/// <summary>The top of a report: how often the model is right, on whom, and what to do next.</summary>
internal static class AnswerSection
{
    private const int MinPeople = 4;        // fewer say too little about others

    internal static Fragment Top(RunStory story) => Fragment.Of(
        $"""
        <header class="top">
        <p class="kicker">StreamLearn<span> · report</span></p>
        <h1>{Sentence(story)}</h1>
        {Beside(story).Select(t => Fragment.Of($"<p class=\"beside\">{t}</p>\n"))}<p class="facts">{Facts(story)}</p>
        {InDoubt(story)}</header>

        """);

    internal static string Sentence(RunStory story)
    {
        if (story.Values is { } values) { return ValuesSection.Sentence(values); }
        if (story.Main.FirstOrDefault(static m => m.Accuracy is not null) is not { Accuracy: { } accuracy } mode)
        {
            return HeadlineSection.Sentence(story);
        }

        var people = mode.People?.People ?? [];
        var rows = mode.Confusion is { } confusion ? confusion.Counts.Sum() : mode.Judgments.Select(static j => j.Rows).LastOrDefault();
        return $"The model is right for {Figures.Percent(accuracy)} of {Figures.Count(rows, "window")} "
            + Of(people.Count, story.Judges, mode.People?.Interval ?? [], static v => Figures.Percent(v));
    }

    internal static string Of(int count, string judges, IReadOnlyList<double> interval, Func<double, string> text) =>
        (count == 0 ? "not used for learning" : count == 1 ? $"of one unseen {RunStory.One(judges)}" : $"of {count} unseen {judges}")
        + (interval is not [var low, var high] ? count == 0 ? "." : $". Too few {judges} judge to say how it is on others."
            : $"; {(count == 0 ? "" : "for others like them ")}{text(low)} to {text(high)} with 95\u00a0% confidence.");

    /// <summary>Returns Student's interval of the mean of people, at least as wide as Wilson's of the windows; empty: too few.</summary>
    /// <remarks>The quantile is that of Abramowitz, Stegun (1964), 26.7.5.</remarks>
    internal static IReadOnlyList<double> OfOthers(PeopleJudged judged)
    {
        double[] shares = [.. judged.People.Where(static p => p.Rows > 0).Select(static p => (double)p.Correct / p.Rows)];
        if (shares.Length < MinPeople) { return []; }
        var (all, right) = (judged.People.Sum(static p => p.Rows), judged.People.Sum(static p => p.Correct));
        var (mean, free, own) = (shares.Average(), shares.Length - 1.0, Majority.Wilson((double)right / all, all / 2.0));
        var student = 1.96 + (2.372 / free) + (2.823 / (free * free)) + (2.556 / (free * free * free));
        var half = student * Math.Sqrt(shares.Sum(s => (s - mean) * (s - mean)) / free / shares.Length);
        return [Math.Max(0, Math.Min(own[0], mean - half)), Math.Min(1, Math.Max(own[1], mean + half))];
    }

    internal static Section? LeftOut(RunStory story) => story.Start is not { Notes: { Count: > 0 } notes } ? null
        : new("left-out", "What was left out, and why", [], "Rows that were left out or filled in before learning, and what was assumed.",
            Fragment.Of($"<ul class=\"notes\">{notes.Select(static n => Fragment.Of($"<li>{Figures.Sentence(n)}</li>\n"))}</ul>\n"));

    internal static Section? Next(RunStory story) => story.Start is not { Next: { Count: > 0 } next } ? null
        : new("next", "What to do next", ["The model answers new rows in files like these."], "",
            Fragment.Of($"{next.Select(static n => Fragment.Of($"<pre class=\"command\"><code>{n}</code></pre>\n"))}"));

    private static IEnumerable<string> Beside(RunStory story)
    {
        if (story.Values is { } values) { return values.Beside; }
        if (story.Main.FirstOrDefault(static m => m.Confusion is not null)?.Confusion is not { } confusion) { return []; }
        var classes = (int)Math.Sqrt(confusion.Counts.Count);
        var rows = Enumerable.Range(0, classes).Select(c => confusion.Counts.Skip(c * classes).Take(classes).Sum()).ToList();
        var most = rows.Count == 0 ? 0 : rows.IndexOf(rows.Max());
        return rows.Sum() == 0 ? [] :
        [
            .. story.Start?.Bound is { } bound ? [$"Bound: {bound}."] : Array.Empty<string>(),
            $"Always answering {story.ClassName(most)} would be right for {Figures.Percent((double)rows[most] / rows.Sum())}.",
        ];
    }

    private static string Facts(RunStory story)
    {
        List<string> facts = [];
        if (story.AllDevices.Count > 0) { facts.Add(Figures.Count(story.AllDevices.Count, "device")); }
        if (story.Start is { } start) { facts.AddRange([start.Data, start.Host, $"seed\u00a0{start.Seed}"]); }
        return string.Join(" · ", facts.Where(f => f.Length > 0));
    }

    private static Fragment InDoubt(RunStory story)
    {
        var doubts = story.Modes.SelectMany(m => m.Doubts).ToList();
        return doubts.Count == 0 ? Fragment.Empty : Fragment.Of(
            $"""
            <div class="doubts" role="note">
            <h2 class="minor">This result is doubtful</h2>
            <ul class="caught">
            {doubts.Select(Raised)}</ul></div>

            """);
    }

    private static Fragment Raised(DoubtRaised doubt) => Fragment.Of(
        $"""
        <li><span class="tag">{doubt.Kind}</span><span>{Figures.Sentence(doubt.Text)} <small>{(doubt.Mode == RunStory.Alone ? ""
            : $"({doubt.Mode})")}</small></span></li>

        """);
}
