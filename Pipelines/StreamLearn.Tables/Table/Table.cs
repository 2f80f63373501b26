namespace StreamLearn.Tables;

/// <summary>Looks at recordings in files, and answers new ones with a model that <c>streamlearn fit</c> has learned.</summary>
public static class Table
{
    /// <summary>Finds the role of each column in files of recordings. Reads every row once.</summary>
    /// <param name="files">A path or a pattern: CSV (also compressed), such as <c>data/{device}/*.csv.gz</c>, or Arrow
    /// (<c>*.arrow</c>).</param>
    /// <param name="options">What is known of the columns; null: nothing.</param>
    /// <exception cref="ProgramException">There is no such file, a file cannot be read, or an option names no column.</exception>
    public static TableLook Look(string files, TableOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(files);
        return new(FirstLook.At((options ?? new()).Of(files)));
    }

    /// <summary>Reads a model that <c>streamlearn fit</c> saved, or an aggregator exported.</summary>
    /// <param name="path">The model's file, <c>.safetensors</c>.</param>
    /// <exception cref="ProgramException">The file cannot be read, or does not say what its windows are.</exception>
    public static TableModel Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(WindowModelFile.Read(path));
    }
}
