namespace HeartSound.Edge.Records;

/// <summary>The last chunk of a record, as JSON: what is known only at the end. A record without it was cut off.</summary>
/// <param name="Outcome">How the examination ended, one word.</param>
/// <param name="Samples">Samples of the sound, the pre-roll and silence in place of lost ones included.</param>
/// <param name="PreRollSamples">How many of them come from before the examination.</param>
/// <param name="LostSamples">How many never arrived here.</param>
public sealed record RecordTrailer(string Outcome, long Samples, long PreRollSamples, long LostSamples);
