using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>A place for a sequence that the source continues: its tokens, and how far they have gone. Used again and again.</summary>
internal sealed class ActiveSequence(TransformerToy model)
{
    /// <summary>Prompt and tokens that came back; the last one need not fit the context.</summary>
    private readonly int[] _tokens = new int[model.Context + 1];

    internal bool IsActive { get; private set; }

    internal long Sequence { get; private set; }

    /// <summary>Tokens of the prompt.</summary>
    internal int Given { get; private set; }

    /// <summary>Tokens that are known.</summary>
    internal int Count { get; private set; }

    /// <summary>Tokens with which it ends.</summary>
    internal int Limit { get; private set; }

    /// <summary>Tokens that were sent under the plan.</summary>
    internal int Sent { get; set; }

    /// <summary>True if it may send what is new.</summary>
    internal bool Goes { get; set; }

    /// <summary>When the token that is awaited is late; null if none is.</summary>
    internal DateTimeOffset? Deadline { get; set; }

    /// <summary>Keys and values of the source's own blocks.</summary>
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

    /// <summary>Adds a token; true if it was the last.</summary>
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
