namespace StreamLearn.Nodes;

internal sealed record CascadeBlock(ICascadeTier Tier, CascadeOptions Options) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => NodesCodecs.CascadeMessages;

    public int MaxOutputsPerCall => Options.MaxWaiting + 2;

    public string State => $"up to {Options.MaxWaiting} waiting questions, {Options.CacheCapacity} cached answers";

    public bool IsOptional(int port) => port == 2;

    public override string ToString() => $"{Tier.Name}; {Options}";
}

/// <summary><paramref name="Due"/>: null: decided. <paramref name="Answer"/>: that of this tier, later the final one.</summary>
internal readonly record struct WaitingQuestion(CascadeQuestion Question, CascadeAnswer Answer, DateTimeOffset? Due);

internal sealed class Cascade(CascadeBlock block, OperatorContext context, IOutput<CascadeAnswer> answers,
    IOutput<CascadeQuestion> asked, IOutput<CascadeLesson> lessons)
    : Operator<CascadeQuestion>, IStateful, IControlledBy<CascadeAnswer>
{
    private static readonly string[] Counters =
        ["sure", "better", "kept", "cached", "private", "no-budget", "unhealthy", "deadline", "full"];

    private readonly CascadeOptions _options = block.Options;
    private readonly WaitingQuestion[] _waiting = new WaitingQuestion[block.Options.MaxWaiting];      // a ring, oldest first
    private readonly Dictionary<(string Source, long Key), int> _places = [];
    private readonly ResponseCache _cache = new(block.Options.CacheCapacity, block.Options.MinSimilarity);
    private readonly Workspace _memory = new();
    private int _first, _count, _open;
    private double _threshold = block.Options.Threshold;
    private DateTimeOffset? _fullAt;        // when the bucket is full again
    private int _misses;
    private DateTimeOffset? _retryAt;       // when to try an unhealthy tier again

    public override bool AwaitingReplies => _open > 0;

    public string StateFormat => "cascade/1";

    public void State(ref StateStream s)
    {
        s.Value(ref _threshold);
        s.ClockTime(ref _fullAt);
        s.Value(ref _misses, 0, int.MaxValue);
        s.ClockTime(ref _retryAt);
        _cache.State(ref s);
        var count = s.Value(_count, 0, _waiting.Length);
        for (var i = 0; i < count; i++)
        {
            var one = s.IsReading ? default : At(i);
            one = new(s.Value(one.Question, NodesCodecs.CascadeQuestions), s.Value(one.Answer, NodesCodecs.CascadeAnswers),
                s.ClockTime(one.Due));
            if (s.IsReading) { Add(one); }
        }

        if (s.IsReading) { WakeAtNext(); }
    }

    public override void Process(CascadeQuestion input)
    {
        if (input.Source.Length == 0) { input = input with { Source = context.Pipeline }; }
        if (_places.ContainsKey((input.Source, input.Key)))
        {
            context.Drop(input, "duplicate");
            return;
        }

        if (_count == _waiting.Length)
        {
            if (At(0).Due is not null) { Decide(0, At(0).Answer with { Outcome = CascadeOutcome.Full }); }
            Flush();
        }

        context.Charge(block.Tier.MultiplyAdds);
        var (known, text, confidence) = block.Tier.Answer(input, context.Random, _memory);
        var own = new CascadeAnswer
        {
            Key = input.Key,
            Source = input.Source,
            Class = known,
            Text = text,
            Confidence = confidence,
            Tier = _options.Tier,
            Privacy = input.Label,
        };
        if (Stays(input, ref own))
        {
            Add(new(input, own, null));
            Flush();
        }
        else
        {
            Add(new(input, own, context.Now + _options.Deadline));
            context.Record("asked");
            asked.Emit(input.Redacted(_options.Carries));
            WakeAtNext();
        }

        context.Gauge("waiting", _count);
    }

    public void Control(CascadeAnswer message)
    {
        if (!_places.TryGetValue((message.Source, message.Key), out var place) || _waiting[place].Due is null)
        {
            context.Drop(message, "late");
            return;
        }

        (_misses, _retryAt) = (0, null);
        var (question, own, _) = _waiting[place];
        var answer = CascadeAnswer.Better(own, message);
        if (answer.Outcome == CascadeOutcome.Better)
        {
            _cache.Add(question, answer);
            lessons.Emit(new(question, answer));
        }

        Decide(Order(place), answer);
        Flush();
        WakeAtNext();
    }

    public override void WakeUp()
    {
        for (var i = 0; i < _count && _open > 0; i++)
        {
            if (At(i).Due is not { } due) { continue; }
            if (due > context.Now) { break; }
            Decide(i, At(i).Answer with { Outcome = CascadeOutcome.Deadline });
            if (++_misses >= _options.MaxMisses) { _retryAt = context.Now + _options.RetryAfter; }
        }

        Flush();
        WakeAtNext();
    }

    public override void Complete()
    {
        for (var i = 0; i < _count; i++)
        {
            if (At(i).Due is not null) { Decide(i, At(i).Answer with { Outcome = CascadeOutcome.Deadline }); }
        }

        Flush();
    }

    private bool Stays(CascadeQuestion question, ref CascadeAnswer own)
    {
        var isPrivate = question.Label > _options.Carries;
        var isHealthy = _retryAt is not { } retry || context.Now >= retry;
        var hasToken = _options.Tokens?.HasToken(_fullAt ?? context.Now, context.Now) ?? true;
        var outcome = own.Confidence >= _threshold ? CascadeOutcome.Sure : (CascadeOutcome?)null;
        if (outcome is null && _cache.Find(question) is { } cached)
        {
            own = cached with { Key = own.Key, Source = own.Source, Privacy = own.Privacy };
            outcome = CascadeOutcome.Cached;
        }

        outcome ??= isPrivate ? CascadeOutcome.Private : !isHealthy ? CascadeOutcome.Unhealthy
            : !hasToken ? CascadeOutcome.NoBudget : null;
        if (_options.TargetShare is { } target && !isPrivate && isHealthy && hasToken)
        {
            _threshold = CascadeOptions.NextThreshold(_threshold, target, outcome is null, _options.Gain);
            context.Gauge("threshold", _threshold);
        }

        if (outcome is { } stays)
        {
            own = own with { Outcome = stays };
            return true;
        }

        _fullAt = _options.Tokens?.Take(_fullAt ?? context.Now, context.Now);
        if (_retryAt is not null) { _retryAt = context.Now + _options.RetryAfter; }       // one question is tried
        return false;
    }

    private void Add(in WaitingQuestion one)
    {
        var place = (_first + _count++) % _waiting.Length;
        _waiting[place] = one;
        _places[(one.Question.Source, one.Question.Key)] = place;
        _open += one.Due is null ? 0 : 1;
    }

    private void Decide(int index, CascadeAnswer answer)
    {
        _open--;
        _waiting[(_first + index) % _waiting.Length] = At(index) with { Answer = answer, Due = null };
    }

    private void Flush()
    {
        while (_count > 0 && At(0).Due is null)
        {
            var (question, answer, _) = At(0);
            _places.Remove((question.Source, question.Key));
            _waiting[_first] = default;
            (_first, _count) = ((_first + 1) % _waiting.Length, _count - 1);
            context.Record(Counters[(int)answer.Outcome]);
            answers.Emit(answer);
        }

        context.Gauge("waiting", _count);
    }

    private void WakeAtNext()
    {
        for (var i = 0; i < _count && _open > 0; i++)
        {
            if (At(i).Due is not { } due) { continue; }
            context.WakeAt(due);
            return;
        }
    }

    private WaitingQuestion At(int index) => _waiting[(_first + index) % _waiting.Length];

    private int Order(int place) => (place - _first + _waiting.Length) % _waiting.Length;
}
