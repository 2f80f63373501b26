using StreamLearn.Simulation;

namespace StreamLearn.Tables;

/// <summary>A model that answers rows of tables.</summary>
public sealed class TableModel
{
    private readonly WindowModelFile _file;

    internal TableModel(WindowModelFile file) => _file = file;

    /// <summary>The channels that it needs, by name and unit.</summary>
    public ImmutableArray<Field> Channels => _file.Preparation.Channels;

    /// <summary>The classes, in the model's order; empty if it answers a value.</summary>
    public ImmutableArray<string> Classes => _file.Classes;

    /// <summary>Rows per window, at least 1.</summary>
    public int WindowRows => _file.Preparation.WindowRows;

    /// <summary>Rows per second of its training data; null for any rate.</summary>
    public double? RowsPerSecond => _file.Preparation.RowsPerSecond;

    /// <summary>Answers the rows of files in their order, each device separately if the options or the files name devices. Rows and windows
    /// that cannot be answered are skipped.</summary>
    /// <param name="files">A path or a pattern, as in <see cref="Table.Look"/>.</param>
    /// <param name="options">What is known about the columns; null for nothing.</param>
    /// <exception cref="ProgramException">A file cannot be read, or lacks a channel.</exception>
    public ImmutableArray<TableAnswer> Answer(string files, TableOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(files);
        return Answered((options ?? new()).Of(files).AsLearned(_file.Card));
    }

    /// <summary>Saves the model and the preparation of its windows.</summary>
    /// <param name="path">The file, <c>.safetensors</c>.</param>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelFile.Save(path, _file.Network, _file.Weights, _file.Card);
    }

    private ImmutableArray<TableAnswer> Answered(TableOptions look)
    {
        var answers = ImmutableArray.CreateBuilder<TableAnswer>();
        var columns = FirstLook.At(look with { EachRow = WindowRows == 1 }, RowsPerSecond);
        var files = new FileAnswers(columns, _file, follow: null, static _ => { });
        var answerer = new Answerer(_file.Answering, _file.Rule);
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("answers", p =>
            _file.Preparation.WithTimesOf(columns.Time).Features(files.Windows(p)).ForEach("answer", Add)));
        world.RunToEnd();
        if (device.Failure is { } failure)
        {
            throw new ProgramException($"{look.RowsOption}: {failure.GetBaseException().Message}", ProgramExit.DataRefused);
        }

        return answers.DrainToImmutable();

        void Add(Batch window)
        {
            if (answerer.Answer(_file.Weights, window) is not var (place, confidence, _)) { return; }
            var time = columns.Time is null ? (DateTimeOffset?)null
                : DateTimeOffset.UnixEpoch.AddTicks(window[Schema.TimeColumn].Values<long>()[^1] / TimeSpan.NanosecondsPerTick);
            var of = files.Devices?.All[AnswerRows.DeviceOf(window)];
            answers.Add(_file.AnswersValue ? new(of, time, null, 0, answerer.Scores[0]) : new(of, time, Classes[place], confidence, null));
        }
    }
}
