using System.Runtime.CompilerServices;

namespace StreamLearn.Formats;

internal enum RowValue
{
    Passed, Float32, Float64, Int32, Int64, TimeNumber, TimeText, Flag, Class,
}

internal sealed class RowColumn
{
    internal RowColumn(int place, FileColumn? column)
    {
        (Place, Name, IsNullable) = (place, column?.Source, column?.Field.Nullable ?? true);
        Format = column?.TimeFormat;
        Power = column is { Value: FileValue.Time } ? column.TimeUnit.Power() : 0;
        Classes = column is { Value: FileValue.Class } ? new(column.Classes, column.PlaceOf) : null;
        _unit = column is { Value: FileValue.Number } && column.Field.Unit != Unit.One ? column.Field.Unit.Symbol : null;
        Value = column switch
        {
            null => RowValue.Passed,
            { Value: FileValue.Flag } => RowValue.Flag,
            { Value: FileValue.Class } => RowValue.Class,
            { Value: FileValue.Time, TimeUnit: TimeUnit.Iso8601 } => RowValue.TimeText,
            { Value: FileValue.Time } => RowValue.TimeNumber,
            { Field.Type: ColumnType.Float32 } => RowValue.Float32,
            { Field.Type: ColumnType.Float64 } => RowValue.Float64,
            { Field.Type: ColumnType.Int32 } => RowValue.Int32,
            _ => RowValue.Int64,
        };
    }

    internal int Place { get; }

    internal string? Name { get; }

    internal bool IsNullable { get; }

    internal int Power { get; }

    internal RowValue Value { get; }

    internal bool IsNumber => Value is > RowValue.Passed and < RowValue.TimeText;

    private ClassTable? Classes { get; }

    private readonly string? _unit;
    private byte[] _unitText = [];      // as the values have it

    /// <summary>Returns true for the unit of the column, such as <c>°C</c> for <c>Cel</c>.</summary>
    internal bool IsUnit(ReadOnlySpan<byte> text)
    {
        if (_unit is null || text.SequenceEqual(_unitText)) { return _unit is not null; }
        if (FileColumn.UnitSymbol(Encoding.UTF8.GetString(text)) != _unit) { return false; }
        _unitText = text.ToArray();
        return true;
    }

    private string? Format { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryPlain(ref byte text, RowStage stage, int row, out int length)
    {
        switch (Value)
        {
            case RowValue.Float32:
                return NumberBlock.TryRead<float, FloatNumbers>(ref text, 0, out stage.At<float>(Place, row), out length);
            case RowValue.Float64:
                return NumberBlock.TryRead<double, DoubleNumbers>(ref text, 0, out stage.At<double>(Place, row), out length);
            case RowValue.Int32:
                return NumberBlock.TryRead<int, Int32Numbers>(ref text, 0, out stage.At<int>(Place, row), out length);
            case RowValue.Int64:
                return NumberBlock.TryRead<long, Int64Numbers>(ref text, 0, out stage.At<long>(Place, row), out length);
            case RowValue.TimeNumber:
                return NumberBlock.TryRead<long, TimeNumbers>(ref text, Power, out stage.At<long>(Place, row), out length);
            default:
                length = 0;
                return false;
        }
    }

    internal FileFault Miss(RowStage stage, int row)
    {
        if (!IsNullable) { return FileFault.MissingValue; }
        if (Value != RowValue.Passed) { stage.Miss(Place, row); }
        return FileFault.None;
    }

    internal FileFault Read(ReadOnlySpan<byte> text, RowStage stage, int row) => Value switch
    {
        RowValue.Passed => FileFault.None,
        RowValue.Class => Classes!.TryFind(text, out stage.At<int>(Place, row)) ? FileFault.None : FileFault.UnknownClass,
        RowValue.Flag => ReadFlag(FileNumbers.Trim(text), stage, row),
        RowValue.TimeText => TryTime(FileNumbers.Trim(text), out stage.At<long>(Place, row)) ? FileFault.None : FileFault.BadTime,
        RowValue.Float32 => FileNumbers.Read<float, FloatNumbers>(text, 0, out stage.At<float>(Place, row)),
        RowValue.Float64 => FileNumbers.Read<double, DoubleNumbers>(text, 0, out stage.At<double>(Place, row)),
        RowValue.Int32 => FileNumbers.Read<int, Int32Numbers>(text, 0, out stage.At<int>(Place, row)),
        RowValue.Int64 => FileNumbers.Read<long, Int64Numbers>(text, 0, out stage.At<long>(Place, row)),
        _ => FileNumbers.Read<long, TimeNumbers>(text, Power, out stage.At<long>(Place, row)) == FileFault.None
            ? FileFault.None : FileFault.BadTime,
    };

    private bool TryTime(ReadOnlySpan<byte> text, out long nanoseconds) =>
        Format is null ? IsoTime.TryRead(text, out nanoseconds) : TimeFormats.TryRead(text, Format, out nanoseconds);

    internal FileFault ReadFlag(ReadOnlySpan<byte> text, RowStage stage, int row)
    {
        var isTrue = text is [(byte)'1'] || System.Text.Ascii.EqualsIgnoreCase(text, "true"u8);
        if (!isTrue && text is not [(byte)'0'] && !System.Text.Ascii.EqualsIgnoreCase(text, "false"u8)) { return FileFault.WrongType; }
        stage.At<int>(Place, row) = isTrue ? 1 : 0;
        return FileFault.None;
    }
}
