using System.Collections.Immutable;
using StreamLearn.Operators;

namespace Sensor;

internal sealed record ChannelConfig(string Name, Unit Unit, string Path, ChannelCheck? Check);

/// <summary><paramref name="Unit"/>: null for arrival time. <paramref name="Path"/>: in JSON payloads.</summary>
internal sealed record TimeConfig(string Name, TimeUnit? Unit, string Path)
{
    internal string? Format { get; init; }
}

/// <summary><paramref name="Path"/>: in JSON payloads. <paramref name="Next"/>: null if the classes are in the data.</summary>
internal sealed record LabelConfig(string Name, ImmutableArray<string> Classes, string Path, NextRule? Next)
{
    internal LaterConfig? Later { get; init; }

    /// <summary>Model class for each class in file order.</summary>
    internal ImmutableArray<int> Places { get; init; } = [.. Enumerable.Range(0, Classes.Length)];

    internal LabelConfig InOrderOf(ModelConfig model)
    {
        if (model.Labels.Length != Classes.Length) { return this; }
        ImmutableArray<int> places = [.. Classes.Select(c => model.Labels.IndexOf(c))];
        return this with { Classes = model.Labels, Places = places, Next = Next is null ? null : Next with { Places = places } };
    }

    /// <summary>Maps class indices of the file to those of the model; invalid ones stay.</summary>
    internal void Translate(Span<int> labels)
    {
        foreach (ref var label in labels) { label = (uint)label < (uint)Places.Length ? Places[label] : label; }
    }
}

internal sealed record ValueConfig(TargetConfig Target, string Path)
{
    internal FileColumn Column => FileColumn.Target(Target.Name, Target.Unit);
}

/// <summary>Delayed labels. <paramref name="Keep"/>: maximum bytes of waiting windows. <paramref name="Wait"/>: maximum time.</summary>
internal sealed record LaterConfig(long Keep, TimeSpan Wait)
{
    internal const long UsualKeep = 64L << 20;

    internal static readonly TimeSpan UsualWait = TimeSpan.FromDays(7);
}

/// <summary>A window's class is the number of levels that a channel's mean reaches in the next window. <paramref name="Levels"/>:
/// ascending, one fewer than classes.</summary>
internal sealed record NextRule(string Channel, ImmutableArray<double> Levels)
{
    /// <summary>Model class for each number of levels; empty for the identity.</summary>
    internal ImmutableArray<int> Places { get; init; } = [];
}

internal sealed record ColumnsConfig(ImmutableArray<ChannelConfig> Channels, TimeConfig? Time, LabelConfig? Label)
{
    /// <summary>The label column in the data; null if labels are derived or delayed.</summary>
    internal LabelConfig? LabelInData => Label is { Next: null, Later: null } ? Label : null;

    internal ValueConfig? Value { get; init; }

    internal ImmutableArray<string> Order { get; init; } = [];

    internal IEnumerable<ChannelConfig> InFile => Channels.OrderBy(c => Order.IndexOf(c.Name));

    internal ColumnsConfig InOrderOf(ModelConfig model) => this with
    {
        Channels = [.. Channels.OrderBy(c => model.Columns.IndexOf(Field.Channel(c.Name, c.Unit)))],
        Label = Label?.InOrderOf(model),
    };

    internal ImmutableArray<ChannelCheck> Checks => [.. Channels.Select(static c => c.Check).OfType<ChannelCheck>()];

    /// <summary>Time, channels, and the class if it is in the data.</summary>
    internal Schema Schema(params ReadOnlySpan<Field> added)
    {
        List<Field> fields = [Field.Time(), .. Channels.Select(static c => Field.Channel(c.Name, c.Unit))];
        if (LabelInData is not null) { fields.Add(Field.Label()); }
        if (Value is { Target.Unit: var unit }) { fields.Add(Field.Target(unit)); }
        fields.AddRange(added);
        return new(fields);
    }
}
