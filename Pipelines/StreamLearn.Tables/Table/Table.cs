namespace StreamLearn.Tables;

/// <summary>Reads recordings from files, fits models to them, answers new ones and watches for unusual rows.</summary>
public static class Table
{
    /// <summary>Finds the role of each column in files of recordings. Reads every row once.</summary>
    /// <param name="files">A path or a pattern: CSV (also compressed), such as <c>data/{device}/*.csv.gz</c>, or Arrow
    /// (<c>*.arrow</c>).</param>
    /// <param name="options">What is known about the columns; null for nothing.</param>
    /// <exception cref="ProgramException">No file matches, a file cannot be read, or an option names no column.</exception>
    public static TableLook Look(string files, TableOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(files);
        return new(FirstLook.At((options ?? new()).Of(files)));
    }

    /// <summary>Reads a model that <c>streamlearn fit</c> saved, or an aggregator exported.</summary>
    /// <param name="path">The model's file, <c>.safetensors</c>.</param>
    /// <exception cref="ProgramException">The file cannot be read, or does not describe its windows.</exception>
    public static TableModel Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(WindowModelFile.Read(path));
    }

    /// <summary>Fits a model to the rows of all devices. Scores it on devices that it has not seen, or on the last fifth of one
    /// device.</summary>
    /// <param name="files">A path or a pattern, as in <see cref="Look"/>.</param>
    /// <param name="columns">The column to learn, and what else is known about the columns.</param>
    /// <param name="options">The model, its windows and the held-out devices; null for defaults.</param>
    /// <param name="progress">Receives a line every few seconds during a long fit; null for none.</param>
    /// <param name="cancellationToken">Cancels the fit.</param>
    /// <exception cref="ProgramException">A file cannot be read, something is missing, or the rows are too few.</exception>
    public static TableFit Fit(string files, TableOptions columns, TableFitOptions? options = null, IProgress<string>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(files);
        ArgumentNullException.ThrowIfNull(columns);
        options ??= new();
        var rows = Fitting.Read(columns.Of(files) with { EachRow = options.EachRow }, options);
        return Fitting.Run(rows, options, line => progress?.Report(line.Trim()), cancellationToken);
    }

    /// <summary>Finds unusual rows without labels: learns a baseline from the first quarter of the rows, or from other files, and scores
    /// the other rows.</summary>
    /// <param name="files">A path or a pattern, as in <see cref="Look"/>.</param>
    /// <param name="columns">What is known about the columns; null for nothing.</param>
    /// <param name="options">The rule, its rate of false alarms, and files with normal rows; null for defaults.</param>
    /// <exception cref="ProgramException">A file cannot be read, or the rows are too few.</exception>
    public static TableWatch Watch(string files, TableOptions? columns = null, TableWatchOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(files);
        List<string> notes = [];
        var watch = FileWatch.Of((columns ?? new()).Of(files), options ?? new(), notes.Add);
        if (watch.Caveat is { } caveat) { notes.Add(caveat); }
        return watch.Run(notes);
    }
}
