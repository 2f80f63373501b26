using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using StreamLearn.Arrow;
using StreamLearn.Tables;

namespace Tool;

/// <summary>What a file of answers says. <paramref name="Classes"/>: in the model's order.</summary>
internal sealed record AnswerForm(ImmutableArray<string> Classes)
{
    /// <summary>The target; null: a class is answered.</summary>
    internal StreamLearn.Field? Target { get; init; }

    internal TimeSpan? Ahead { get; init; }

    /// <summary>The names of devices; null: one device.</summary>
    internal DeviceNames? Devices { get; init; }

    /// <summary>True: rows have a number, no time.</summary>
    internal bool ByNumber { get; init; }

    internal bool HasBound { get; init; }

    /// <summary>True: each answer is written at once.</summary>
    internal bool IsLive { get; init; }

    internal static AnswerForm Of(WindowModelFile model) => new(model.Classes) { Target = model.Target, Ahead = model.Ahead };
}

/// <summary>Writes answers as CSV, or as Arrow with dictionary-encoded classes; values with bounds.</summary>
internal sealed class AnswerFile : IDisposable
{
    private const int BatchRows = 1024;
    private const string Row = "row";
    private const string Device = "device";

    private static readonly TimestampType Times = new(TimeUnit.Nanosecond, "UTC");
    private static readonly DictionaryType Classes = new(Int32Type.Default, StringType.Default, ordered: false);

    private readonly FileInfo? _file;
    private readonly ImmutableArray<string> _classes;
    private readonly int _batchRows;
    private readonly Stream? _stream;
    private readonly TextWriter? _lines;
    private readonly ArrowStreamWriter? _writer;
    private readonly StringArray? _texts;
    private readonly List<long> _times = [];
    private readonly List<int> _places = [];
    private readonly List<float> _confidences = [];
    private readonly List<string> _sets = [];
    private readonly List<float> _values = [];
    private readonly List<float> _halves = [];
    private readonly bool _hasSets;
    private readonly StreamLearn.Field? _target;
    private readonly TimeSpan? _ahead;
    private readonly bool _byNumber;
    private readonly DeviceNames? _devices;
    private readonly List<int> _whose = [];
    private bool _hasFailed;
    private bool _hasAnswers;

    internal AnswerFile(FileInfo? file, AnswerForm form)
    {
        (_file, _devices, _classes, _batchRows) = (file, form.Devices, form.Classes, form.IsLive ? 1 : BatchRows);
        (_hasSets, _target, _ahead, _byNumber) = (form.HasBound, form.Target, form.Ahead, form.ByNumber);
        if (_file is null) { _lines = Console.Out; }
        else
        {
            Stream? stream = null;
            Files.Guard($"{_file}", () =>
            {
                _file.Directory?.Create();
                stream = new FileStream(_file.FullName, FileMode.Create, FileAccess.Write, FileShare.Read);
            });
            _stream = stream;
            if (FormOf(_file) is { } arrow)
            {
                _texts = new StringArray.Builder().AppendRange(_classes).Build();
                _writer = arrow == ArrowForm.File ? new ArrowFileWriter(stream, Written, leaveOpen: true)
                    : new ArrowStreamWriter(stream, Written, leaveOpen: true);
                Guard(_writer.WriteStart);
                return;
            }

            _lines = new StreamWriter(_stream!, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = form.IsLive };
        }

        var first = _devices is null ? "" : $"{Device},";
        Guard(() => _lines.WriteLine(first + (_byNumber ? Row : "time") + (IsOfValues ? $",value{(_hasSets ? ",low,high" : "")}"
            : $",class,confidence{(_hasSets ? ",possible" : "")}")));
    }

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

    private Apache.Arrow.Schema Written => field ??= new(
    [
        .. _devices is null ? [] : new Apache.Arrow.Field[] { new(Device, StringType.Default, nullable: false) },
        _byNumber ? new(Row, Int64Type.Default, nullable: false) : new("time", Times, nullable: false),
        .. IsOfValues ? ValueNames.Select(n => new Apache.Arrow.Field(n, FloatType.Default, nullable: false, Said))
            : [new("class", Classes, nullable: false, Said), new("confidence", FloatType.Default, nullable: false)],
        .. _hasSets && !IsOfValues ? new Apache.Arrow.Field[] { new("possible", StringType.Default, nullable: false) } : [],
    ], metadata: null);

    internal void Add(long time, int place, float confidence, ReadOnlySpan<int> set = default, int device = 0)
    {
        var possible = "";
        foreach (var k in set) { possible += (possible.Length == 0 ? "" : "|") + Escaped(_classes[k]); }
        Add(NumberOr(time), place, confidence, possible, device);
    }

    /// <summary>Rows without a time were counted as a second each.</summary>
    private long NumberOr(long time) => _byNumber ? 1 + (long)Math.Round(time / 1e9) : time;

    private string PlaceOf(long time) =>
        _byNumber ? time.ToString(CultureInfo.InvariantCulture) : TimeText.Of(time);

    private string NameOf(int device) => _devices is null ? "" : $"{Quoted(_devices.All[device])},";

    private bool IsOfValues => _target is not null;

    /// <summary>Metadata for other tools: column, unit and forecast horizon.</summary>
    private Dictionary<string, string>? Said
    {
        get
        {
            Dictionary<string, string> said = [];
            if (_target is { Name: var name, Unit: var unit }) { (said["target"], said["unit"]) = (name, unit.Symbol); }
            if (_ahead is { TotalSeconds: var later }) { said["ahead_seconds"] = later.ToString("R", CultureInfo.InvariantCulture); }
            return said.Count == 0 ? null : said;
        }
    }

    private string[] ValueNames => _hasSets ? ["value", "low", "high"] : ["value"];

    internal void Add(long time, float value, float half, int device = 0) => Guard(() =>
    {
        _hasAnswers = true;
        time = NumberOr(time);
        if (_lines is not null)
        {
            _lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{NameOf(device)}{PlaceOf(time)},{value}")
                + (_hasSets ? string.Create(CultureInfo.InvariantCulture, $",{value - half},{value + half}") : ""));
            return;
        }

        _times.Add(time);
        _whose.Add(device);
        _values.Add(value);
        _halves.Add(half);
        if (_times.Count >= _batchRows) { Write(); }
    });

    private void Add(long time, int place, float confidence, string possible, int device) => Guard(() =>
    {
        _hasAnswers = true;
        if (_lines is not null)
        {
            _lines.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{NameOf(device)}{PlaceOf(time)},{Quoted(_classes[place])},{confidence:0.000}")
                + (_hasSets ? $",{Quoted(possible)}" : ""));
            return;
        }

        _times.Add(time);
        _whose.Add(device);
        _places.Add(place);
        _confidences.Add(confidence);
        if (_hasSets) { _sets.Add(possible); }
        if (_times.Count >= _batchRows) { Write(); }
    });

    /// <summary>Removes a file without answers.</summary>
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
                if (_times.Count > 0) { Write(); }
                _writer?.WriteEnd();
                _lines?.Flush();
            });
        }
        finally
        {
            _stream?.Dispose();
        }
    }

    private void Write()
    {
        var rows = _times.Count;
        IArrowArray[] answers = IsOfValues
            ? [new FloatArray(Bytes(_values), ArrowBuffer.Empty, rows, 0, 0), .. _hasSets ? Bounds(-1).Concat(Bounds(1)) : []]
            : [
            new DictionaryArray(Classes, new Int32Array(Bytes(_places), ArrowBuffer.Empty, rows, 0, 0), _texts),
            new FloatArray(Bytes(_confidences), ArrowBuffer.Empty, rows, 0, 0),
            .. _hasSets ? new IArrowArray[] { new StringArray.Builder().AppendRange(_sets).Build() } : [],
        ];
        IArrowArray times = _byNumber ? new Int64Array(Bytes(_times), ArrowBuffer.Empty, rows, 0, 0)
            : new TimestampArray(Times, Bytes(_times), ArrowBuffer.Empty, rows, 0, 0);
        IArrowArray[] whose = _devices?.All is { } names
            ? [new StringArray.Builder().AppendRange(_whose.Select(device => names[device])).Build()] : [];
        _writer!.WriteRecordBatch(new(Written, [.. whose, times, .. answers], rows));
        _stream!.Flush();
        _times.Clear();
        _whose.Clear();
        _places.Clear();
        _confidences.Clear();
        _sets.Clear();
        _values.Clear();
        _halves.Clear();
    }

    private IEnumerable<IArrowArray> Bounds(int side)
    {
        List<float> bounds = [.. _values.Zip(_halves, (value, half) => value + (side * half))];
        return [new FloatArray(Bytes(bounds), ArrowBuffer.Empty, bounds.Count, 0, 0)];
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

    private static ArrowBuffer Bytes<T>(List<T> values)
        where T : unmanaged => new(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(values)).ToArray());

    /// <summary><c>|</c> separates classes of a set; <c>\</c> escapes both characters.</summary>
    private static string Escaped(string name) =>
        name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal);

    private static string Quoted(string text) => text.AsSpan().ContainsAny(',', '"', '\n')
        ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
