namespace Acceptance.Tests;

/// <summary>A device that asks a question every 20 ms, and the tiers above it, in a virtual world with links of 20 ms each way.</summary>
internal sealed class CascadeFleet : IDisposable
{
    internal static readonly TimeSpan Every = TimeSpan.FromMilliseconds(20);

    private readonly VirtualWorld _world = new();
    private readonly List<(CascadeAnswer Answer, TimeSpan At)> _given = [];
    private readonly VirtualDevice _device;
    private readonly int _items;

    internal CascadeFleet(
        ImmutableArray<CascadeQuestion> questions, ICascadeTier device, CascadeOptions options, params ICascadeTier[] above)
    {
        _items = questions.Length;
        var link = new LinkProfile { Delay = TimeSpan.FromMilliseconds(10) };
        _device = _world.Add(Pipeline.Define("pump-7", p =>
        {
            var asked = p.From("questions", questions.Length, (int _, OperatorContext context) => new Questions(questions, context));
            Cascade(p, asked, 0, device, options).ForEach("given", answer => _given.Add((answer, _world.Elapsed)));
        }), link: link);
        for (var tier = 1; tier <= above.Length; tier++)
        {
            var (number, answering) = (tier, above[tier - 1]);
            _world.Add(Pipeline.Define($"tier-{number}", p =>
            {
                var asked = p.Subscribe(Network, $"asked/{number}", NodesCodecs.CascadeQuestions);
                var answers = number == above.Length
                    ? asked.ServeTier(answering, number)
                    : Cascade(p, asked, number, answering, options with { Tier = number, Deadline = options.Deadline / 2 });
                answers.PublishTo(Network, $"answers/{number}/{{source}}", NodesCodecs.CascadeAnswers, static a => a.Source);
            }), link: link);
        }
    }

    internal IReadOnlyList<(CascadeAnswer Answer, TimeSpan At)> Given => _given;

    internal VirtualWorld World => _world;

    internal VirtualDevice Device => _device;

    internal long Asked => _device.Metrics["cascade"].Counter("asked");

    private ITransport Network => _world.Transport("network");

    public void Dispose() => _world.Dispose();

    internal CascadeFleet Run()
    {
        _world.RunFor((_items * Every) + TimeSpan.FromSeconds(5));
        return this;
    }

    private Flow<CascadeAnswer> Cascade(
        PipelineBuilder p, Flow<CascadeQuestion> questions, int number, ICascadeTier tier, CascadeOptions options)
    {
        var above = p.Subscribe(Network, number == 0 ? "answers/1/pump-7" : $"answers/{number + 1}/+", NodesCodecs.CascadeAnswers);
        var (answers, asked, _) = questions.Cascade(tier, above, options);
        asked.Publish(Network, $"asked/{number + 1}", NodesCodecs.CascadeQuestions);
        return answers;
    }

    private sealed class Questions(ImmutableArray<CascadeQuestion> questions, OperatorContext context) : Source<CascadeQuestion>
    {
        private readonly DateTimeOffset _start = context.Now;
        private int _next;

        public override DateTimeOffset? NextAt => _next < questions.Length ? _start + (_next * Every) : null;

        public override CascadeQuestion Next() => questions[_next++];
    }
}
