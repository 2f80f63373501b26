namespace StreamLearn.Nodes;

public static partial class NodesFlowExtensions
{
    /// <summary>Continues prompts with a model whose blocks run on several nodes: the first here, the others in stages, which return the
    /// next token. It uses the token with the highest score.</summary>
    /// <remarks>
    /// <para>Shape: prompts in; tokens (main), activations for the first stage (side) and plans for the stages (third) out. State: the
    /// plan, each sequence's tokens, keys and values of this node's blocks. Cost: the multiply-adds of this node's blocks.</para>
    /// <para>Each sequence awaits its token before it sends the next. A plan is sent up to four times, and starts once all its stages are
    /// ready. After a timeout it is sent again under a new number; stages that do not answer are removed, and the others share the blocks
    /// evenly. Sequences then resend all their tokens to rebuild keys and values, with the same results; tokens of earlier plans are
    /// ignored. Without stages the source runs all blocks, one token per call.</para>
    /// <para>Drops: prompts <c>tokens</c> (none, or not in the vocabulary), <c>max-tokens</c>, <c>context-full</c>, <c>duplicate</c>;
    /// tokens <c>plan</c>, <c>no-sequence</c>, <c>duplicate</c>, <c>ahead</c>, <c>tokens</c>; answers <c>plan</c>; plans <c>shape</c>.
    /// Source: Zhang et al. (2025), EdgeShard.</para>
    /// </remarks>
    /// <param name="flow">The prompts.</param>
    /// <param name="model">The model.</param>
    /// <param name="source">This node, 1 to 256 bytes in UTF-8.</param>
    /// <param name="tokens">Returned tokens.</param>
    /// <param name="ready">Answers of stages to plans.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <param name="plans">Plans from a planner; the newest applies. Null: even shares.</param>
    /// <exception cref="ArgumentException">An argument or option is out of range.</exception>
    public static Fork<GeneratedToken, ShardActivation, GenerationPlan> Generate(this Flow<Prompt> flow, TransformerToy model,
        string source, Flow<ShardToken> tokens, Flow<StageReady> ready, GenerateOptions? options = null, Flow<GenerationPlan>? plans = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(ready);
        options ??= new();
        options.Check(model, DeviceName.Checked(source, nameof(source)));
        var fork = flow.Via("generate", new GenerateBlock(model, source, options),
            static (GenerateBlock block, OperatorContext context, IOutput<GeneratedToken> output, IOutput<ShardActivation> activations,
                IOutput<GenerationPlan> plans) => new Generate(block, context, output, activations, plans))
            .ControlledBy(tokens).ControlledBy(ready);
        if (plans is not null) { fork.ControlledBy(plans); }
        return fork;
    }
}

internal sealed record GenerateBlock(TransformerToy Model, string Source, GenerateOptions Options) : IBlockOptions
{
    public int MaxOutputsPerCall => 2;

    public IReadOnlyList<MessageCodec> MessageCodecs => NodesCodecs.GenerationMessages;

    public string State => "the plan, the tokens of each sequence, keys and values of this node's blocks";

    public long StateBytes(Schema? input) =>
        Options.MaxSequences * (KeyValueCache.BytesOf(Model, Model.Blocks) + (4L * (Model.Context + 1)));

    public bool IsOptional(int port) => port > 0;

    public override string ToString() => $"{Source}; {Model}; {Options}";
}

internal sealed class Generate : Operator<Prompt>, IStateful, IControlledBy<ShardToken>, IControlledBy<StageReady>,
    IControlledBy<GenerationPlan>
{
    /// <summary>Messages may be lost, so a stage counts as lost only after several plans.</summary>
    private const int Repeats = 4;

    private readonly GenerateBlock _block;
    private readonly OperatorContext _context;
    private readonly IOutput<GeneratedToken> _output;
    private readonly IOutput<ShardActivation> _activations;
    private readonly IOutput<GenerationPlan> _plans;
    private readonly ActiveSequence[] _sequences;
    private readonly Workspace _memory = new();
    private readonly bool[] _answered = new bool[GenerationPlan.MaxStages];
    private GenerationPlan? _plan;
    private int _next;      // next sequence
    private DateTimeOffset? _readyBy;       // null: all stages are ready

    internal Generate(GenerateBlock block, OperatorContext context, IOutput<GeneratedToken> output, IOutput<ShardActivation> activations,
        IOutput<GenerationPlan> plans)
    {
        (_block, _context, _output, _activations, _plans) = (block, context, output, activations, plans);
        _sequences = [.. Enumerable.Range(0, block.Options.MaxSequences).Select(_ => new ActiveSequence(block.Model))];
    }

    private GenerateOptions Options => _block.Options;

    private TransformerToy Model => _block.Model;

    private bool IsAlone => _plan!.Stages.Length == 1;

    public override bool Ready => Free() is not null;

    public override bool AwaitingReplies => Array.Exists(_sequences, static s => s.IsActive);

    public string StateFormat => "generate/1";

    public void State(ref StateStream s)
    {
        _plan = GenerationPlan.State(ref s, _plan, Model.Blocks);
        s.Value(ref _next, 0, _sequences.Length - 1);
        _readyBy = s.ClockTime(_readyBy);
        foreach (ref var answered in _answered.AsSpan(0, _plan?.Stages.Length ?? 0)) { s.Value(ref answered); }
        foreach (var sequence in _sequences) { sequence.State(ref s, _plan?.Stages[0].End ?? 0); }
    }

    public override void Process(Prompt input)
    {
        if (Refusal(input) is { } reason)
        {
            _context.Drop(input, reason);
            return;
        }

        Free()!.Begin(input);
        if (_plan is null) { Call(GenerationPlan.Even(_block.Source, Options.SourceBlocks, Model.Blocks, Options.Stages)); }
        else if (_readyBy is null) { Continue(); }
    }

    public void Control(ShardToken message)
    {
        var sequence = Find(message.Sequence);
        var reason = message.Source != _block.Source || message.Plan != _plan?.Number || _readyBy is not null ? "plan"
            : sequence is null ? "no-sequence"
            : message.Position < sequence.Count ? "duplicate"
            : message.Position > sequence.Count || sequence.Deadline is null ? "ahead"
            : message.Token >= Model.Vocabulary ? "tokens"
            : null;
        if (reason is not null)
        {
            _context.Drop(message, reason);
            return;
        }

        Accept(sequence!, message.Token);
        Continue();
    }

    public void Control(StageReady message)
    {
        var place = message.Source == _block.Source && message.Plan == _plan?.Number ? _plan.PlaceOf(message.Node) : -1;
        if (place <= 0 || _readyBy is null)
        {
            _context.Drop(message, "plan");
            return;
        }

        _answered[place] = true;
        BeginIfReady();
    }

    public void Control(GenerationPlan message)
    {
        if (message.Source == _block.Source && message.Stages.Length <= GenerationPlan.MaxStages && message.Fits(Model.Blocks))
        {
            Call(message);
        }
        else { _context.Drop(message, "shape"); }
    }

    public override void WakeUp()
    {
        if (_readyBy is { } late)
        {
            if (_context.Now >= late) { LeaveOut(); }
            else
            {
                _plans.Emit(_plan!);
                WakeWhileCalling();
            }

            return;
        }

        if (!Array.Exists(_sequences, s => s.IsActive && s.Deadline <= _context.Now))
        {
            Continue();
            return;
        }

        _context.Record("token-timeouts");
        Call(_plan!);
    }

    private string? Refusal(Prompt prompt)
    {
        if (prompt.Tokens.IsDefaultOrEmpty) { return "tokens"; }
        foreach (var token in prompt.Tokens)
        {
            if ((uint)token >= (uint)Model.Vocabulary) { return "tokens"; }
        }

        return prompt.MaxTokens < 1 ? "max-tokens"
            : prompt.Tokens.Length > Model.Context ? "context-full"
            : Find(prompt.Sequence) is not null ? "duplicate"
            : null;
    }

    private void Call(GenerationPlan plan)
    {
        // a later start has higher numbers, because there is less than one plan per millisecond
        var number = _plan?.Number + 1 ?? Options.FirstPlan ?? _context.Started.ToUnixTimeMilliseconds();
        var own = _plan?.Stages[0].End;
        _plan = plan with { Number = number };
        foreach (var sequence in _sequences)
        {
            (sequence.Sent, sequence.Deadline, sequence.Goes) = (0, null, false);
            if (own != _plan.Stages[0].End) { sequence.Cache = null; }
        }

        Array.Clear(_answered);
        _readyBy = _context.Now + Options.ReadyTimeout;
        _plans.Emit(_plan);
        _context.Record("plans");
        WakeWhileCalling();
        BeginIfReady();
    }

    private void WakeWhileCalling()
    {
        var next = _context.Now + (Options.ReadyTimeout / Repeats);
        _context.WakeAt(next < _readyBy ? next : _readyBy!.Value);
    }

    private void BeginIfReady()
    {
        for (var i = 1; i < _plan!.Stages.Length; i++)
        {
            if (!_answered[i]) { return; }
        }

        _readyBy = null;
        Continue();
    }

    private void LeaveOut()
    {
        var left = new List<string>();
        for (var i = 1; i < _plan!.Stages.Length; i++)
        {
            if (_answered[i]) { left.Add(_plan.Stages[i].Node); }
            else { _context.Record("stages-lost"); }
        }

        Call(GenerationPlan.Even(_block.Source, Options.SourceBlocks, Model.Blocks, left));
    }

    /// <summary>Sends one sequence per call, so that the first stage starts while this node's blocks run the next.</summary>
    private void Continue()
    {
        if (!Options.WaitsForGroup || !Array.Exists(_sequences, static s => s.IsActive && (s.Goes || s.Deadline is not null)))
        {
            foreach (var sequence in _sequences) { sequence.Goes |= sequence.IsActive && sequence.Deadline is null; }
        }

        for (var i = 0; i < _sequences.Length; i++)
        {
            var sequence = _sequences[(_next + i) % _sequences.Length];
            if (!sequence.Goes) { continue; }
            (sequence.Goes, _next) = (false, (_next + i + 1) % _sequences.Length);
            Advance(sequence);
            break;
        }

        if (Array.Exists(_sequences, static s => s.Goes) || (IsAlone && AwaitingReplies)) { _context.WakeAt(_context.Now); }
        WakeForNext();
    }

    private void Advance(ActiveSequence sequence)
    {
        var own = _plan!.Stages[0].End;
        var cache = sequence.Cache ??= new(Model, 0, own);
        var first = Math.Min(cache.Length, sequence.Sent);
        var tokens = sequence.TokensFrom(first);
        var values = new float[tokens.Length * Model.Width];
        Model.Embed(tokens, first, values);
        Model.Forward(values, first, cache, _memory);
        _context.ChargeLayers(0, own, tokens.Length, backward: false, Model.MultiplyAdds(0, own, first, tokens.Length));
        if (IsAlone)
        {
            sequence.Sent = sequence.Count;
            Accept(sequence, Model.NextToken(values.AsSpan()[^Model.Width..], _memory));
            return;
        }

        _activations.Emit(new()
        {
            Source = _block.Source,
            To = _plan.Stages[1].Node,
            Plan = _plan.Number,
            Sequence = sequence.Sequence,
            Position = sequence.Sent,
            Block = own,
            IsLast = sequence.Count + 1 == sequence.Limit,
            Values = [.. values.AsSpan()[((sequence.Sent - first) * Model.Width)..]],
        });
        sequence.Sent = sequence.Count;
        sequence.Deadline = _context.Now + Options.TokenTimeout;
    }

    private void Accept(ActiveSequence sequence, int token)
    {
        var isLast = sequence.Add(token);
        _output.Emit(new(sequence.Sequence, sequence.Count - sequence.Given - 1, token, isLast));
    }

    private void WakeForNext()
    {
        foreach (var sequence in _sequences)
        {
            if (sequence is { IsActive: true, Deadline: { } deadline }) { _context.WakeAt(deadline); }
        }
    }

    private ActiveSequence? Free() => Array.Find(_sequences, static s => !s.IsActive);

    private ActiveSequence? Find(long number)
    {
        foreach (var sequence in _sequences)
        {
            if (sequence.IsActive && sequence.Sequence == number) { return sequence; }
        }

        return null;
    }
}
