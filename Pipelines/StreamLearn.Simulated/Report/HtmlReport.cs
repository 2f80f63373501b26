namespace StreamLearn.Simulated;

internal static class HtmlReport
{
    internal static string Of(IReadOnlyList<RunEvent> events)
    {
        var story = RunStory.Of(events);
        var sections = Sections(story).OfType<Section>().ToList();
        return Page.Of(HeadlineSection.Sentence(story), Fragment.Of(
            $"""
            {HeadlineSection.Of(story)}
            {Contents(sections)}
            <main>
            {sections.Select(s => s.Draw())}</main>
            <footer><p>Built from {Figures.Count(events.Count, "recorded event")} of the run and nothing else.</p></footer>
            """));
    }

    private static IEnumerable<Section?> Sections(RunStory story) =>
    [
        AccuracySection.Of(story),
        .. AccuracySection.Cases(story),
        SeedsSection.Of(story),
        PeopleSection.Of(story),
        DevicesSection.Of(story),
        WaitingSection.Of(story),
        StalenessSection.Of(story),
        BacklogSection.Of(story),
        ExitsSection.Of(story),
        ConfusionSection.Of(story),
        RowsSection.Dropped(story),
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
