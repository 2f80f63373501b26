namespace StreamLearn.Simulated;

internal static class HtmlReport
{
    /// <summary><paramref name="values"/>: the answers of a model of values; null: of classes.</summary>
    internal static string Of(IReadOnlyList<RunEvent> events, ValuesJudged? values = null)
    {
        var story = RunStory.Of(events, values);
        var sections = Sections(story).OfType<Section>().ToList();
        return Page.Of(AnswerSection.Sentence(story), Fragment.Of(
            $"""
            {AnswerSection.Top(story)}
            {Contents(sections)}
            <main>
            {sections.Select(s => s.Draw())}</main>
            <footer><p>{(story.Modes.Any(static m => m.Kind != RunStory.Alone)
                ? $"Built from {Figures.Count(events.Count, "recorded event")} of the run and nothing else." : "")}</p></footer>
            """));
    }

    /// <summary>The answer first; how a fleet came to it last.</summary>
    private static IEnumerable<Section?> Sections(RunStory story) =>
    [
        ConfusionSection.Of(story),
        ValuesSection.Of(story),
        PeopleSection.Of(story),
        AnswerSection.LeftOut(story),
        RowsSection.Dropped(story),
        AnswerSection.Next(story),
        HeadlineSection.Of(story),
        ValuesSection.Fleet(story),
        AccuracySection.Of(story),
        .. AccuracySection.Cases(story),
        SeedsSection.Of(story),
        DevicesSection.Of(story),
        StalenessSection.Of(story),
        ExitsSection.Of(story),
        RowsSection.Ledger(story),
        FiguresSection.Of(story),
        BytesSection.Of(story),
        LineageSection.Of(story),
        RepeatSection.Of(story),
    ];

    private static Fragment Contents(List<Section> sections) => sections.Count == 0 ? Fragment.Empty : Fragment.Of(
        $"""
        <nav aria-label="Sections"><ul>{sections.Select(s => Fragment.Of($"""<li><a href="#{s.Id}">{s.Title}</a></li>"""))}</ul></nav>

        """);
}
