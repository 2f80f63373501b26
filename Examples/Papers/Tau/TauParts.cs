using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Fleets;

namespace TauDemo;

/// <summary>What the members of a fleet do, by its settings.</summary>
internal sealed class TauParts
{
    private static readonly ConcurrentDictionary<(TauModel Model, int Count, long Seed), Lazy<TauRows>> Sets = new();

    private readonly TauFleetSettings _settings;
    private readonly TauRows _rows;
    private readonly ImmutableSortedDictionary<DataCase, ImmutableArray<ImmutableArray<int>>> _dealt;

    /// <summary>Deals the rows.</summary>
    internal TauParts(TauFleetSettings settings)
    {
        (_settings, _rows) = (settings, Seen(settings));
        _dealt = settings.Cases.ToImmutableSortedDictionary(static c => c, c => c.Deal(_rows, settings.Nodes));
    }

    /// <summary>The name of a node, from 0.</summary>
    internal static string NameOf(int node) => string.Create(CultureInfo.InvariantCulture, $"node-{node}");

    /// <summary>The rows of the nodes.</summary>
    internal static TauRows Seen(TauFleetSettings settings) => Set(settings.Model, settings.Digits, settings.Seed);

    /// <summary>The rows that no node has.</summary>
    internal static TauRows Unseen(TauFleetSettings settings) =>
        Set(settings.Model, settings.UnseenDigits, settings.Seed + TauFleet.UnseenSeed);

    /// <summary>Rows of a step of a node.</summary>
    internal int BatchRowsOf(NodeRows own) => Math.Min(_settings.BatchRows ?? int.MaxValue, own.MostRows);

    internal NodeRows Own(int node) => new(_settings.Model, _rows, _settings.Case,
        _dealt.ToImmutableSortedDictionary(static d => d.Key, d => d.Value[node]));

    /// <summary>What a node does. <paramref name="log"/>: told what it sends and gets; null: nobody asks.</summary>
    internal NodePart Node(NodeRows own, Action<string>? log) => new(own, BatchRowsOf(own), (float)_settings.Settings.LearningRate,
        _settings.Cases.Contains(DataCase.Replicated) ? _settings.Seed : null, log);

    /// <summary>What the aggregator does. <paramref name="log"/>: told what it sends and gets; null: nobody asks.</summary>
    internal AggregatorPart Aggregator(long work, Action<Round> onRound, Action<string>? log) => new(
        _settings.Model.Model,
        new AdaptiveTau(_settings.Nodes)
        {
            Budget = _settings.Resources,
            Settings = _settings.Settings with { GradientValues = int.MaxValue },       // as the source has it
        },
        onRound,
        new(work, _settings.AddedDelay),
        log);

    private static TauRows Set(TauModel model, int count, long seed) =>
        Sets.GetOrAdd((model, count, seed), static key => new(() => key.Model.Make(key.Count, key.Seed))).Value;
}
