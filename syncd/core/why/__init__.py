"""Why a change did not arrive: ordered gates, each of which lets it through or says what stops it. Data in, verdict out."""
