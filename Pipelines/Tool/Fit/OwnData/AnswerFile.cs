using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using StreamLearn.Arrow;
using StreamLearn.Tables;

namespace Tool;

/// <summary>What a file of answers contains. <paramref name="Classes"/>: in the model's order.</summary>
internal sealed record AnswerForm(ImmutableArray<string> Classes)
{
    internal StreamLearn.Field? Target { get; init; }

    internal TimeSpan? Ahead { get; init; }

    internal DeviceNames? Devices { get; init; }

    /// <summary>True if rows have a number instead of a time.</summary>
    internal bool ByNumber { get; init; }

    internal bool HasBound { get; init; }

    /// <summary>True if each answer is written at once.</summary>
    internal bool IsLive { get; init; }

    internal bool IsOfValues => Target is not null;

    internal static AnswerForm Of(WindowModelFile model) => new(model.Classes) { Target = model.Target, Ahead = model.Ahead };
}

/// <summary>Writes answers as CSV, or as Arrow with dictionary-encoded classes; values have bounds.</summary>
internal sealed class AnswerFile : IDisposable
{
    private const int BatchRows = 1024;
    private const string Row = "row";
    private const string Device = "device";

    private static readonly TimestampType Times = new(TimeUnit.Nanosecond, "UTC");
    private static readonly DictionaryType Classes = new(Int32Type.Default, StringType.Default, ordered: false);

    private readonly FileInfo? _file;
    private readonly AnswerForm _form;
    private readonly Stream? _stream;
    private readonly TextWriter? _lines;
    private readonly ArrowStreamWriter? _writer;
    private readonly StringArray? _texts;
    private readonly List<Answer> _waiting = [];
    private bool _hasFailed;
    private bool _hasAnswers;

    internal AnswerFile(FileInfo? file, AnswerForm form)
    {
        (_file, _form) = (file, form);
        if (_file is null) { _lines = Console.Out; }
        else
        {
            _stream = Files.Create(_file);
            if (FormOf(_file) is { } arrow)
            {
                _texts = new StringArray.Builder().AppendRange(form.Classes).Build();
                _writer = arrow == ArrowForm.File ? new ArrowFileWriter(_stream, Written, leaveOpen: true)
                    : new ArrowStreamWriter(_stream, Written, leaveOpen: true);
                Guard(_writer.WriteStart);
                return;
            }

            _lines = new StreamWriter(_stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = form.IsLive };
        }

        Guard(() => _lines.WriteLine(string.Join(',', Names)));
    }

    /// <summary>An answer; of a value the place is not used.</summary>
    private readonly record struct Answer(long Time, int Device, int Place, float Number, string Possible, float Half);

    internal static void RequireName(FileInfo? file)
    {
        if (file is null || FormOf(file) is not null || file.Extension.Equals(".csv", StringComparison.OrdinalIgnoreCase)) { return; }
        throw new ProgramException($"--out: expected a file of answers named .csv, .arrow, .feather or .arrows, got '{file}'",
            ExitCode.BadCommandLine);
    }

    /// <summary>Returns the Arrow form for a file; null: CSV.</summary>
    private static ArrowForm? FormOf(FileInfo file) => file.Extension.ToLowerInvariant() switch
    {
        ".arrow" or ".feather" => ArrowForm.File,
        ".arrows" => ArrowForm.Stream,
        _ => null,
    };

    private string[] Names =>
    [
        .. _form.Devices is null ? [] : new[] { Device }, _form.ByNumber ? Row : "time",
        .. _form.IsOfValues ? ValueNames : ["class", "confidence"],
        .. _form is { HasBound: true, IsOfValues: false } ? new[] { "possible" } : [],
    ];

    private string[] ValueNames => _form.HasBound ? ["value", "low", "high"] : ["value"];

    private Apache.Arrow.Schema Written => field ??= new(Names.Select(name => name switch
    {
        Row => new Apache.Arrow.Field(name, Int64Type.Default, nullable: false),
        "time" => new(name, Times, nullable: false),
        "class" => new(name, Classes, nullable: false, Said),
        "confidence" => new(name, FloatType.Default, nullable: false),
        Device or "possible" => new(name, StringType.Default, nullable: false),
        _ => new(name, FloatType.Default, nullable: false, Said),
    }), metadata: null);

    /// <summary>Metadata for other tools: column, unit and forecast horizon.</summary>
    private Dictionary<string, string>? Said
    {
        get
        {
            Dictionary<string, string> said = [];
            if (_form.Target is { Name: var name, Unit: var unit }) { (said["target"], said["unit"]) = (name, unit.Symbol); }
            if (_form.Ahead is { TotalSeconds: var later }) { said["ahead_seconds"] = later.ToString("R", CultureInfo.InvariantCulture); }
            return said.Count == 0 ? null : said;
        }
    }

    internal void Add(long time, int place, float confidence, ReadOnlySpan<int> set = default, int device = 0)
    {
        var possible = "";
        foreach (var k in set) { possible += (possible.Length == 0 ? "" : "|") + Escaped(_form.Classes[k]); }
        Add(new(NumberOr(time), device, place, confidence, possible, 0));
    }

    internal void Add(long time, float value, float half, int device = 0) => Add(new(NumberOr(time), device, 0, value, "", half));

    internal void Clear()
    {
        if (_file is null || _hasAnswers || !_stream!.CanSeek) { return; }
        _hasFailed = true;      // no more writes
        _stream.Dispose();
        Files.Guard($"{_file}", () => File.Delete(_file.FullName));
    }

    public void Dispose()
    {
        if (_file is null) { return; }
        try
        {
            if (_hasFailed) { return; }
            Guard(() =>
            {
                if (_waiting.Count > 0) { Write(); }
                _writer?.WriteEnd();
                _lines?.Flush();
            });
        }
        finally
        {
            _stream?.Dispose();
        }
    }

    private void Add(Answer answer) => Guard(() =>
    {
        _hasAnswers = true;
        if (_lines is not null)
        {
            _lines.WriteLine(LineOf(answer));
            return;
        }

        _waiting.Add(answer);
        if (_waiting.Count >= (_form.IsLive ? 1 : BatchRows)) { Write(); }
    });

    private string LineOf(in Answer answer)
    {
        var first = (_form.Devices is { } devices ? $"{CsvText.Quoted(devices.All[answer.Device])}," : "")
            + (_form.ByNumber ? answer.Time.ToString(CultureInfo.InvariantCulture) : TimeText.Of(answer.Time));
        var (number, half) = (answer.Number, answer.Half);
        return _form.IsOfValues
            ? string.Create(CultureInfo.InvariantCulture, $"{first},{number}")
                + (_form.HasBound ? string.Create(CultureInfo.InvariantCulture, $",{number - half},{number + half}") : "")
            : string.Create(CultureInfo.InvariantCulture, $"{first},{CsvText.Quoted(_form.Classes[answer.Place])},{number:0.000}")
                + (_form.HasBound ? $",{CsvText.Quoted(answer.Possible)}" : "");
    }

    /// <summary>Returns the row number for rows without a time, which are spaced a second apart.</summary>
    private long NumberOr(long time) => _form.ByNumber ? 1 + (long)Math.Round(time / 1e9) : time;

    private void Write()
    {
        var rows = _waiting.Count;
        _writer!.WriteRecordBatch(new(Written, Names.Select(IArrowArray (string name) => name switch
        {
            Device => Strings(a => _form.Devices!.All[a.Device]),
            Row => new Int64Array(Bytes(static a => a.Time), ArrowBuffer.Empty, rows, 0, 0),
            "time" => new TimestampArray(Times, Bytes(static a => a.Time), ArrowBuffer.Empty, rows, 0, 0),
            "class" => new DictionaryArray(Classes, new Int32Array(Bytes(static a => a.Place), ArrowBuffer.Empty, rows, 0, 0), _texts),
            "possible" => Strings(static a => a.Possible),
            "low" => Floats(static a => a.Number - a.Half),
            "high" => Floats(static a => a.Number + a.Half),
            _ => Floats(static a => a.Number),
        }), rows));
        _stream!.Flush();
        _waiting.Clear();

        StringArray Strings(Func<Answer, string> of) => new StringArray.Builder().AppendRange(_waiting.Select(of)).Build();

        FloatArray Floats(Func<Answer, float> of) => new(Bytes(of), ArrowBuffer.Empty, rows, 0, 0);

        ArrowBuffer Bytes<T>(Func<Answer, T> of)
            where T : unmanaged => new(MemoryMarshal.AsBytes(_waiting.Select(of).ToArray().AsSpan()).ToArray());
    }

    /// <summary>Reports file errors by name; the program reports those of standard output.</summary>
    private void Guard(Action action)
    {
        if (_file is null)
        {
            action();
            return;
        }

        try
        {
            Files.Guard($"{_file}", action);
        }
        catch
        {
            _hasFailed = true;
            throw;
        }
    }

    /// <summary><c>|</c> separates classes of a set; <c>\</c> escapes both characters.</summary>
    private static string Escaped(string name) =>
        name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal);
}
