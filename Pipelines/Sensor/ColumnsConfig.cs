using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Formats;
using StreamLearn.Operators;
using StreamLearn.Programs;

namespace Sensor;

/// <summary>A channel of a device's rows.</summary>
internal sealed record ChannelConfig(string Name, Unit Unit, string Path, ChannelCheck? Check);

/// <summary>The time of a device's rows. <paramref name="Unit"/>: how it is written; null: a row has the time at which it came.
/// <paramref name="Path"/>: where it stands in a JSON payload.</summary>
internal sealed record TimeConfig(string Name, TimeUnit? Unit, string Path)
{
    /// <summary>A custom format of .NET for texts in files of values; null: as the unit says.</summary>
    internal string? Format { get; init; }
}

/// <summary>The classes that a model is to tell. <paramref name="Path"/>: where they stand in a JSON payload. <paramref name="Next"/>: how
/// they are made of the channels; null: they are in the data.</summary>
internal sealed record LabelConfig(string Name, ImmutableArray<string> Classes, string Path, NextRule? Next)
{
    /// <summary>How windows wait for labels that come later; null: they do not.</summary>
    internal LaterConfig? Later { get; init; }

    /// <summary>The class of the model for each class in the order of the file.</summary>
    internal ImmutableArray<int> Places { get; init; } = [.. Enumerable.Range(0, Classes.Length)];

    /// <summary>The same with the classes in the order of a model that has the same ones.</summary>
    internal LabelConfig InOrderOf(ModelConfig model)
    {
        if (model.Labels.Length != Classes.Length) { return this; }
        ImmutableArray<int> places = [.. Classes.Select(c => model.Labels.IndexOf(c))];
        return this with { Classes = model.Labels, Places = places, Next = Next is null ? null : Next with { Places = places } };
    }

    /// <summary>Makes classes of the model of places in the file's list; what is no such place stays, and is no class.</summary>
    internal void Translate(Span<int> labels)
    {
        foreach (ref var label in labels) { label = (uint)label < (uint)Places.Length ? Places[label] : label; }
    }
}

/// <summary>The value that a model is to tell. <paramref name="Path"/>: where it stands in a JSON payload.</summary>
internal sealed record ValueConfig(TargetConfig Target, string Path)
{
    /// <summary>The column of files.</summary>
    internal FileColumn Column => FileColumn.Target(Target.Name, Target.Unit);
}

/// <summary>Somebody says later of which class rows were. <paramref name="Keep"/>: bytes of windows that wait. <paramref name="Wait"/>: how
/// long a window waits at most.</summary>
internal sealed record LaterConfig(long Keep, TimeSpan Wait)
{
    internal const long UsualKeep = 64L << 20;

    internal static readonly TimeSpan UsualWait = TimeSpan.FromDays(7);
}

/// <summary>The class of a window is made of the window after it: how many of some levels the mean of a channel reaches there.
/// <paramref name="Levels"/>: the levels, rising; one fewer than classes.</summary>
internal sealed record NextRule(string Channel, ImmutableArray<double> Levels)
{
    /// <summary>The class of the model for each number of levels; empty, the default: that number.</summary>
    internal ImmutableArray<int> Places { get; init; } = [];
}

/// <summary>What the columns of somebody's data are.</summary>
internal sealed record ColumnsConfig(ImmutableArray<ChannelConfig> Channels, TimeConfig? Time, LabelConfig? Label)
{
    /// <summary>The label, if it stands in the data.</summary>
    internal LabelConfig? LabelInData => Label is { Next: null, Later: null } ? Label : null;

    /// <summary>The value that is learned; null: none is.</summary>
    internal ValueConfig? Value { get; init; }

    /// <summary>The names of all columns, as they stand in the file.</summary>
    internal ImmutableArray<string> Order { get; init; } = [];

    /// <summary>The channels as they stand in the file.</summary>
    internal IEnumerable<ChannelConfig> InFile => Channels.OrderBy(c => Order.IndexOf(c.Name));

    /// <summary>The same in the order of a model that has the same channels and classes.</summary>
    internal ColumnsConfig InOrderOf(ModelConfig model) => this with
    {
        Channels = [.. Channels.OrderBy(c => model.Columns.IndexOf(Field.Channel(c.Name, c.Unit)))],
        Label = Label?.InOrderOf(model),
    };

    /// <summary>The checks of channels that have their own.</summary>
    internal ImmutableArray<ChannelCheck> Checks => [.. Channels.Select(static c => c.Check).OfType<ChannelCheck>()];

    /// <summary>The columns of batches: time, channels, the class where it stands in the data.</summary>
    internal Schema Schema(params ReadOnlySpan<Field> added)
    {
        List<Field> fields = [Field.Time(), .. Channels.Select(static c => Field.Channel(c.Name, c.Unit))];
        if (LabelInData is not null) { fields.Add(Field.Label()); }
        if (Value is { Target.Unit: var unit }) { fields.Add(Field.Target(unit)); }
        fields.AddRange(added);
        return new(fields);
    }
}
