namespace StreamLearn.Nodes;

internal sealed class ActiveSequence(TransformerToy model)
{
    /// <summary>The last token need not fit into the context.</summary>
    private readonly int[] _tokens = new int[model.Context + 1];

    internal bool IsActive { get; private set; }

    internal long Sequence { get; private set; }

    internal int Given { get; private set; }

    internal int Count { get; private set; }

    internal int Limit { get; private set; }

    /// <summary>Tokens sent under the current plan.</summary>
    internal int Sent { get; set; }

    internal bool Goes { get; set; }

    internal DateTimeOffset? Deadline { get; set; }

    internal KeyValueCache? Cache { get; set; }

    internal ReadOnlySpan<int> TokensFrom(int position) => _tokens.AsSpan(position, Count - position);

    internal void Begin(Prompt prompt)
    {
        prompt.Tokens.CopyTo(_tokens);
        (IsActive, Sequence, Given, Count) = (true, prompt.Sequence, prompt.Tokens.Length, prompt.Tokens.Length);
        Limit = (int)Math.Min((long)Given + prompt.MaxTokens, _tokens.Length);
        (Sent, Deadline, Goes) = (0, null, false);
        Cache?.Clear();
    }

    internal bool Add(int token)
    {
        _tokens[Count++] = token;
        Deadline = null;
        IsActive = Count < Limit;
        return !IsActive;
    }

    internal void State(ref StateStream s, int ownBlocks)
    {
        IsActive = s.Value(IsActive);
        if (!IsActive) { return; }
        Sequence = s.Value(Sequence);
        Limit = s.Value(Limit, 2, _tokens.Length);
        Count = s.Value(Count, 1, Limit);
        Given = s.Value(Given, 1, Count);
        Sent = s.Value(Sent, 0, Count);
        Goes = s.Value(Goes);
        Deadline = s.ClockTime(Deadline);
        s.Values(_tokens.AsSpan(0, Count));
        if (!s.Value(Cache is not null)) { return; }
        Cache ??= new(model, 0, ownBlocks);
        Cache.State(ref s);
    }
}
