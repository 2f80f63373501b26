namespace StreamLearn.Models;

/// <summary>Named values of a convolution's or a pool's padding.</summary>
public static class Padding
{
    /// <summary>No padding: windows lie within the input.</summary>
    public const int Valid = 0;

    /// <summary>
    /// As much that there are ⌈input / stride⌉ outputs; where it does not divide evenly, the end has one more. Source: Abadi et al. (2016),
    /// the convention of TensorFlow.
    /// </summary>
    public const int Same = -1;

    /// <summary>The padding as layers print it.</summary>
    internal static string Text(int padding) => padding == Same ? "same" : $"{padding}";
}
