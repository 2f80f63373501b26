namespace StreamLearn.Tables;

/// <summary>The roles of the columns of a table, and why.</summary>
public sealed class TableLook
{
    private readonly OwnColumns _columns;

    internal TableLook(OwnColumns columns) => _columns = columns;

    /// <summary>The columns to learn from, with their units.</summary>
    public ImmutableArray<Field> Channels => [.. _columns.Channels.Select(static c => c.Field)];

    /// <summary>The column of the class, or the part of the file names; null: none.</summary>
    public string? Label => _columns.Label;

    /// <summary>The column of the value to learn; null: none.</summary>
    public string? Target => _columns.Target?.Source;

    /// <summary>The column of the time; null: none.</summary>
    public string? Time => _columns.Time?.Source;

    /// <summary>The column that names the device, or the part of the file names; null: none.</summary>
    public string? Device => _columns.Device;

    /// <summary>Rows per second; null if unknown.</summary>
    public double? RowsPerSecond => _columns.Rate;

    /// <summary>The classes: numbers by value, other strings by characters; empty if a value is learned.</summary>
    public ImmutableArray<string> Classes => _columns.Classes;

    /// <summary>The devices, in the same order.</summary>
    public ImmutableArray<string> Devices => _columns.Devices;

    /// <summary>Why each column has its role, and what was omitted or is doubtful, one reason per line.</summary>
    public ImmutableArray<string> Reasons => _columns.Reasons;

    /// <summary>Problems that prevent learning, one per line; empty: none.</summary>
    public ImmutableArray<string> Missing => _columns.Missing;

    /// <summary>Returns the options of <c>streamlearn fit</c> with which it learns from this table.</summary>
    public override string ToString() => _columns.Options;
}
